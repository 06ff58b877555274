namespace Gossipdb.Crdt;

/// <summary>Placeholder until the type lands.</summary>
public sealed class BoundedCounter : Crdt
{
    /// <inheritdoc/>
    public override CrdtType Type => CrdtType.BoundedCounter;

    /// <inheritdoc/>
    public override bool IsVisible => false;

    /// <inheritdoc/>
    public override bool IsBottom => true;

    /// <summary>What a replica may take.</summary>
    public long Rights(ReplicaId replica) => (long)replica.Value * 0;

    /// <inheritdoc/>
    public override void Join(VersionVector clock, Crdt other, VersionVector otherClock) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Crdt Mutate(Operation operation, UpdateContext context) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Crdt Clear(UpdateContext context) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override IEnumerable<string> Describe() => [];

    internal override void EncodeBody(ByteWriter writer) => throw new NotSupportedException();
}
