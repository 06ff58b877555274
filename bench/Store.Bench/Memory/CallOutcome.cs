
namespace Gossipdb.Bench.Memory;

/// <summary>How a call ended.</summary>
internal enum CallOutcome
{
    Done,
    Refused,
    Failed,
}
