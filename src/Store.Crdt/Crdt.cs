using System.IO.Hashing;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Counters;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt;

/// <summary>
/// The state of one object. There is one join, and joining is the only way a state changes:
/// local writes, replicated deltas, quorum reads and whole-state transfer all go through <see cref="Join"/>.
/// <para>
/// The causal context is passed in and never stored. A state at clock C says, of every change that C covers, whether it is still there.
/// </para>
/// <para>
/// A <em>delta</em> is a state of the same type. Its clock is its event's dependencies and the event's own dots.
/// A delta is either whole or a <see cref="IsFragment">fragment</see>.
/// A whole delta is like a register's new value: everything else that its clock covers is gone.
/// A fragment speaks only of the entries it names. Of a set's element it says: the element's other dots that the clock covers are gone.
/// Of other elements it says nothing.
/// So a delta costs what the change costs, and a removal is an entry with nothing in it.
/// </para>
/// <para>
/// <see cref="Collect"/> drops what no later event can need. So a state is a function of its clock and of the stable cut it was
/// collected at. Before a join, both sides are brought to the higher of their two stable cuts. A delta is made at its origin's stable
/// cut.
/// </para>
/// <para>Source: Almeida, Shoker, Baquero, "Delta state replicated data types" (2018), section 7; with contexts kept per replica as in
/// Bieniusa et al., "An optimized conflict-free replicated set" (2012).</para>
/// </summary>
public abstract class Crdt
{
    /// <summary>The version byte every encoding starts with.</summary>
    public const byte EncodingVersion = 1;

    /// <summary>The object's type.</summary>
    public abstract CrdtType Type { get; }

    /// <summary>True of a delta that speaks only of the entries it names. Never true of a replica's own state.</summary>
    public bool IsFragment { get; internal init; }

    /// <summary>True where a reader sees the object as existing.</summary>
    public abstract bool IsVisible { get; }

    /// <summary>True where the state carries no information that its clock does not, so that it may be dropped.</summary>
    public abstract bool IsBottom { get; }

    /// <summary>
    /// Joins <paramref name="other"/> into this state. The result is the state at the union of the two clocks.
    /// This state is whole. Where <paramref name="other"/> is a fragment, <paramref name="clock"/> covers the dependencies of its event
    /// (causal delivery). <paramref name="other"/> stays as it is and shares nothing mutable with the result. The callers merge the
    /// clocks.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="other"/> is of another type.</exception>
    /// <exception cref="InvalidOperationException">This is a fragment: joining into one has no meaning.</exception>
    public abstract void Join(VersionVector clock, Crdt other, VersionVector otherClock);

    /// <summary>
    /// Executes an operation against this state and returns the delta it makes. This state stays as it is: join the delta.
    /// </summary>
    /// <exception cref="ArgumentException">The operation is of another type.</exception>
    /// <exception cref="InsufficientRightsException">A bounded counter has not the rights here.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    public abstract Crdt Mutate(Operation operation, UpdateContext context);

    /// <summary>The delta that removes everything observed: what deleting the key or the field does to this state.</summary>
    public abstract Crdt Clear(UpdateContext context);

    /// <summary>
    /// The delta that adds to this state what a reader sees of a saved one, as a change of its own. Null where it would add nothing.
    /// The dots of the saved state mean nothing here: what is added is under dots of the event. Its timestamps stay.
    /// So what was removed since the state was saved comes back, and what is here stays, each by the rule of its type.
    /// </summary>
    /// <param name="saved">A whole state of the same type. It stays as it is.</param>
    /// <param name="context">The event.</param>
    /// <exception cref="ArgumentException"><paramref name="saved"/> is of another type, or a fragment.</exception>
    /// <exception cref="OverflowException">A counter would leave the range of a signed 64-bit integer.</exception>
    public abstract Crdt? Restore(Crdt saved, UpdateContext context);

    /// <summary>
    /// This state as several, each of about <paramref name="maxBytes"/> at most where it can be divided so.
    /// Restored one after the other they add what a reader sees of it.
    /// </summary>
    public virtual IEnumerable<Crdt> Parts(long maxBytes) => [this];

    /// <summary>
    /// What this state knows and a state at <paramref name="since"/> does not: joined there, at this state's clock, it brings
    /// everything. It may be whole. A type that can name what changed above a clock answers with less.
    /// </summary>
    public virtual Crdt DeltaSince(VersionVector since) => this;

    /// <summary>
    /// Drops and folds what no later event can need.
    /// Readers see what they saw before. They also do after every later join: with states and whole deltas of the same stable cut, and
    /// with fragments of this stable cut or a lower one.
    /// What is left is the same whether the stable cut was reached in one step or in many.
    /// A fragment stays as it is, but for the states inside it that it tells of completely.
    /// </summary>
    public virtual void Collect(StableCut cut)
    {
    }

    /// <summary>
    /// True where the operation named <paramref name="id"/> was executed on this state already, and executing it again would repeat its
    /// effect. <paramref name="dot"/> then names the execution: a retry waits for it.
    /// </summary>
    public virtual bool TryGetExecution(Operation operation, OperationId id, out Dot dot)
    {
        dot = default;
        return false;
    }

    /// <summary>About how many bytes the encoding takes: what it costs to ship the object. Costs no pass over the state.</summary>
    public virtual long ApproximateBytes => 0;

    /// <summary>Lines for people: what is held, with dots.</summary>
    public abstract IEnumerable<string> Describe();

    /// <summary>
    /// A hash of the encoding. Two replicas at equal clocks have equal digests, or one of them is corrupt.
    /// It is taken of what is held, before expiry hides any of it.
    /// Folding must never change the outcome of a comparison. So what one replica may fold away earlier than another is folded by both
    /// for the hash, or left out of the encoding that is hashed. Costs an encoding.
    /// </summary>
    public UInt128 Digest()
    {
        var writer = new ByteWriter();
        Encode(writer);
        return XxHash128.HashToUInt128(writer.Written);
    }

    /// <summary>Writes version, type and body. Equal states give equal bytes.</summary>
    public void Encode(ByteWriter writer)
    {
        writer.WriteByte(EncodingVersion);
        EncodeTyped(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The bytes are not such an encoding.</exception>
    public static Crdt Decode(ref ByteReader reader)
    {
        CheckVersion(reader.ReadByte());
        return DecodeTyped(ref reader, depth: 0);
    }

    /// <summary>
    /// Reads one delta after the other with fewer objects. A counter's increment, which is the commonest delta and the smallest, is read
    /// into the one before it.
    /// </summary>
    /// <param name="reader">The bytes.</param>
    /// <param name="spare">
    /// What the last call left here; null at first. Nobody looks any more at the delta that was read then. (A join keeps no part of a delta
    /// that changes.)
    /// </param>
    /// <exception cref="CorruptDataException">The bytes are not such an encoding.</exception>
    public static Crdt Decode(ref ByteReader reader, ref PNCounter? spare)
    {
        CheckVersion(reader.ReadByte());
        var read = CrdtTypes.Decode(ref reader, depth: 0, spare);
        spare = read is PNCounter { IsFragment: true } increment ? increment : null;
        return read;
    }

    /// <summary>The state of an object nobody has written.</summary>
    public static Crdt Bottom(CrdtType type) => CrdtTypes.Bottom(type);

    /// <summary>Writes type and body: a nested state has no version of its own.</summary>
    internal void EncodeTyped(ByteWriter writer)
    {
        writer.WriteByte((byte)Type);
        writer.WriteBool(IsFragment);
        EncodeBody(writer);
    }

    /// <summary>Reads what <see cref="EncodeTyped"/> wrote, at a nesting depth that is bounded.</summary>
    internal static Crdt DecodeTyped(ref ByteReader reader, int depth) => CrdtTypes.Decode(ref reader, depth);

    private static void CheckVersion(byte version)
    {
        if (version != EncodingVersion) throw new CorruptDataException($"unknown encoding version {version}");
    }

    /// <summary>Writes the body, in one canonical order.</summary>
    internal abstract void EncodeBody(ByteWriter writer);

    /// <summary>Checks what every join asks for, and gives <paramref name="other"/> its own type.</summary>
    private protected TSelf CheckJoin<TSelf>(Crdt other)
        where TSelf : Crdt
    {
        if (IsFragment) throw new InvalidOperationException("a delta fragment cannot be joined into");
        if (other.Type != Type) throw new ArgumentException($"a {other.Type} cannot be joined into a {Type}", nameof(other));
        return (TSelf)other;
    }

    /// <summary>Checks what every restoring asks for, and gives <paramref name="saved"/> its own type.</summary>
    private protected TSelf CheckSaved<TSelf>(Crdt saved)
        where TSelf : Crdt
    {
        if (saved.Type != Type) throw new ArgumentException($"a {saved.Type} cannot be restored into a {Type}", nameof(saved));
        return !saved.IsFragment ? (TSelf)saved : throw new ArgumentException("a delta cannot be restored", nameof(saved));
    }

    /// <summary>The refusal of an operation that is not this type's.</summary>
    private protected ArgumentException Refusal(Operation operation) =>
        new($"{operation.GetType().Name} for a {operation.Type} is not an operation of a {Type}");
}
