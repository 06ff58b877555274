using System.Globalization;
using System.Text.Json.Serialization;

namespace Gossipdb.Bench.Load;

/// <summary>What a system is asked to do: one kind of operation on keys drawn from many, so many at once or so many a second.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="InFlight">
/// Closed loop: how many operations are under way at any moment. 0 in an open loop, where they begin by the clock.
/// </param>
/// <param name="Durability">What a write waits for; a system's own word, null where it has no choice or nothing is written.</param>
internal sealed record Workload(Operation Operation, int InFlight, string? Durability = null)
{
    /// <summary>YCSB's number of records.</summary>
    public const int YcsbRecords = 100_000;

    /// <summary>YCSB's size of a record: ten fields of a hundred bytes.</summary>
    public const int YcsbBytes = 1_000;

    /// <summary>The share of reads in YCSB's workload A.</summary>
    public const double YcsbAReads = 0.5;

    /// <summary>The share of reads in YCSB's workload B.</summary>
    public const double YcsbBReads = 0.95;

    /// <summary>How many counters a batch increments.</summary>
    public const int BatchSize = 16;

    /// <summary>How many members a set has at most.</summary>
    public const int SetMembers = 1_000;

    /// <summary>How many replicas an operation waits for.</summary>
    public Level Level { get; init; } = Level.Quorum;

    /// <summary>How many keys there are to draw from.</summary>
    public int Keys { get; init; } = 1_000;

    /// <summary>How a key is drawn.</summary>
    public KeyChoice Choice { get; init; }

    /// <summary>The size of a register's value; 0 for other types.</summary>
    public int ValueBytes { get; init; }

    /// <summary>Open loop: how many operations begin in a second. 0 in a closed one.</summary>
    public double PerSecond { get; init; }

    /// <summary>Whether operations begin by the clock, whatever became of those before.</summary>
    public bool IsOpen => InFlight == 0;

    /// <summary>Whether some operations write.</summary>
    public bool Writes => Operation is not (Operation.Read or Operation.RegisterRead or Operation.YcsbC);

    /// <summary>
    /// Whether it is measured on keys that are all there: what is not there is read for less, and a store that has yet to grow is
    /// small.
    /// </summary>
    public bool NeedsFilling => ValueBytes > 0 || Keys >= WorkloadSelection.ScaleLarge;

    /// <summary>The same in every repetition: the rate of an open loop follows what was measured just before.</summary>
    [JsonIgnore]
    public Workload Identity => this with { PerSecond = 0 };

    /// <summary>What a system that lacks a choice of durability is asked instead.</summary>
    [JsonIgnore]
    public Workload Asked => Identity with { Durability = null };

    /// <summary>The operation in words, with the size of values where there is one.</summary>
    public string Name => Operation switch
    {
        Operation.SetAdd => "set add",
        Operation.RegisterWrite => $"register write {Size}",
        Operation.RegisterRead => $"register read {Size}",
        Operation.YcsbA => $"YCSB A {Draw}",
        Operation.YcsbB => $"YCSB B {Draw}",
        Operation.YcsbC => $"YCSB C {Draw}",
        Operation.Batch => $"batch of {BatchSize}",
        _ => Operation.ToString().ToLowerInvariant(),
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} at {Level.ToString().ToUpperInvariant()}, {Keys:#,0} keys, "
        + $"{(IsOpen ? $"open loop{(PerSecond > 0 ? $" of {PerSecond:#,0}/s" : "")}" : $"{InFlight} in flight")}"
        + $"{(Durability is null ? "" : $", {Durability}")}");

    private string Draw => Choice.ToString().ToLowerInvariant();

    private string Size => ValueBytes < 1_000 ? $"{ValueBytes} B" : $"{ValueBytes / 1_000} KB";
}
