using System.Reflection;

namespace Gossipdb.Node.Tests.Fuzzing;

/// <summary>Something that reads bytes which another process has sent.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Seeds">Bytes that it reads well.</param>
/// <param name="Read">Reads them. What it returns, where it returns anything, must be the same bytes: only they say it.</param>
/// <param name="Refusals">The exceptions that say no. Any other one is an error of the reader.</param>
/// <param name="Entries">Where it is entered, for those who look what else is reached from there.</param>
/// <param name="BytesPerByte">How many bytes of memory each byte may cost.</param>
internal sealed record FuzzTarget(
    string Name,
    IReadOnlyList<byte[]> Seeds,
    Func<byte[], byte[]?> Read,
    IReadOnlyList<Type> Refusals,
    IReadOnlyList<MethodBase> Entries,
    int BytesPerByte = 200)
{
    /// <summary>What any input may cost: tables and buffers that are made whatever it says.</summary>
    public const long FixedBytes = 256 * 1024;

    public override string ToString() => Name;
}
