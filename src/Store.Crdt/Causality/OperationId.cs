namespace Gossipdb.Crdt.Causality;

/// <summary>
/// A client's name for one operation, the same at every retry and at every node. No coordinator executes an id past its deadline.
/// Two ids are the same operation when client and number are equal.
/// </summary>
/// <param name="Client">Drawn at random by each client instance.</param>
/// <param name="Number">Counted up by that client.</param>
/// <param name="DeadlineUnixMs">Unix milliseconds after which the operation must not be executed any more.</param>
/// <param name="IsFirstAttempt">
/// True where the client had not sent the operation before. At most one execution of an operation is of a first attempt.
/// </param>
public readonly record struct OperationId(ulong Client, ulong Number, long DeadlineUnixMs, bool IsFirstAttempt = false)
    : IComparable<OperationId>
{
    /// <summary>No operation id: repeating the operation repeats its effect.</summary>
    public static OperationId None => default;

    /// <summary>True where the client named the operation.</summary>
    public bool IsGiven => Client != 0;

    /// <summary>
    /// The name of a further change that the same operation makes of the same object. It is the same at every retry.
    /// Changes of one name count once, and a batch may change an object several times. A client's own numbers stay below 2^48.
    /// </summary>
    /// <param name="times">How many changes of the object come before it.</param>
    public OperationId Again(int times) => IsGiven ? this with { Number = Number + ((ulong)times << 48) } : this;

    /// <inheritdoc/>
    public bool Equals(OperationId other) => Client == other.Client && Number == other.Number;

    /// <inheritdoc/>
    public override int GetHashCode() => (Client + (Number * 0x9E3779B97F4A7C15)).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(OperationId other)
    {
        var byClient = Client.CompareTo(other.Client);
        return byClient != 0 ? byClient : Number.CompareTo(other.Number);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Client:x16}/{Number}";
}
