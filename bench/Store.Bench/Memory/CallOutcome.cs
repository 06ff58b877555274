using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gossipdb.Bench.Report;
using Gossipdb.LocalCluster;
using Spectre.Console;

namespace Gossipdb.Bench.Memory;

/// <summary>How a call ended.</summary>
internal enum CallOutcome
{
    Done,
    Refused,
    Failed,
}
