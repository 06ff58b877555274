using Gossipdb.Node.Partitions;

namespace Gossipdb.Node.Membership;

/// <summary>What is staged to be the layout's next version, as far as this node has heard. Any thread.</summary>
internal sealed class StagedChanges(PartitionDirectory partitions)
{
    private volatile StagedLayout? _last;

    /// <summary>What was last staged, in or out of date. Written by the cluster view alone.</summary>
    public StagedLayout? Last
    {
        get => _last;
        set => _last = value;
    }

    /// <summary>Null where nothing is staged, or where it was staged for another version.</summary>
    public StagedLayout? Current => _last is { } staged && staged.Version == partitions.Layout.Version + 1 ? staged : null;
}
