namespace Gossipdb.Bench.Load;

/// <summary>What a run measures; each system takes from it what it can do.</summary>
internal sealed record WorkloadSelection
{
    /// <summary>Key counts of the group <see cref="WorkloadGroup.Scale"/>, which are compared.</summary>
    public const int ScaleSmall = 1_000;

    /// <inheritdoc cref="ScaleSmall"/>
    public const int ScaleLarge = 1_000_000;

    // So that the largest values fill some hundred megabytes on each node, and not the memory.
    private const long MostValueBytes = 100_000_000;

    public IReadOnlyList<WorkloadGroup> Groups { get; init; } = [WorkloadGroup.Counters];

    public IReadOnlyList<Level> Levels { get; init; } = [Level.Quorum];

    public IReadOnlyList<int> InFlight { get; init; } = [1, 64];

    public IReadOnlyList<int> ValueBytes { get; init; } = [100, 1_000, 100_000];

    public int Keys { get; init; } = 1_000;

    /// <summary>Whether each workload is also run in an open loop, at half of what the closed one reached.</summary>
    public bool OpenLoop { get; init; }

    /// <summary>The closed workloads of one system, in the order in which they run.</summary>
    /// <param name="durabilities">What its writes can wait for; at least one, null where there is no choice.</param>
    /// <param name="can">Whether it can do this at all.</param>
    public IReadOnlyList<Workload> For(IReadOnlyList<string?> durabilities, Func<Workload, bool> can)
    {
        var all =
            from subject in Groups.Distinct().SelectMany(Subjects)
            where can(subject)
            from durability in subject.Writes ? durabilities : [null]
            from level in Levels
            from inFlight in InFlight
            select subject with { Durability = durability, Level = level, InFlight = inFlight };
        return [.. all.Distinct()];
    }

    private IEnumerable<Workload> Subjects(WorkloadGroup group) => group switch
    {
        WorkloadGroup.Counters => [Of(Operation.Increment), Of(Operation.Read)],
        WorkloadGroup.Set => [Of(Operation.SetAdd)],
        WorkloadGroup.Register => ValueBytes.SelectMany(bytes => new[]
        {
            OfRegister(Operation.RegisterWrite, bytes), OfRegister(Operation.RegisterRead, bytes),
        }),
        WorkloadGroup.Ycsb => new[] { KeyChoice.Zipfian, KeyChoice.Uniform }.SelectMany(choice => new[]
        {
            OfYcsb(Operation.YcsbA, choice), OfYcsb(Operation.YcsbB, choice), OfYcsb(Operation.YcsbC, choice),
        }),
        WorkloadGroup.Batch => [Of(Operation.Batch)],
        WorkloadGroup.Scale => [Of(Operation.Increment) with { Keys = ScaleSmall }, Of(Operation.Increment) with { Keys = ScaleLarge }],
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, "no such group"),
    };

    private Workload Of(Operation operation) => new(operation, 1) { Keys = Keys };

    private Workload OfRegister(Operation operation, int bytes) =>
        Of(operation) with { ValueBytes = bytes, Keys = (int)Math.Clamp(MostValueBytes / bytes, 1, Keys) };

    private static Workload OfYcsb(Operation operation, KeyChoice choice) =>
        new(operation, 1) { Keys = Workload.YcsbRecords, ValueBytes = Workload.YcsbBytes, Choice = choice };
}
