namespace Gossipdb.Checking.Operations;

/// <summary>A write of a whole value that was made from what its caller had read before.</summary>
/// <param name="Write">The write.</param>
/// <param name="Base">What the caller knew: its last read or write of the register; null of one that knew nothing.</param>
internal readonly record struct DerivedWrite(Operation Write, Operation? Base)
{
    /// <summary>The value that the caller knew.</summary>
    public Value BaseValue => Base is null ? Value.Nothing : Base.IsRead ? Base.Result : Base.Argument;

    /// <summary>Read-modify-write on registers: each write with what its caller had read, by the write's start.</summary>
    public static List<DerivedWrite> Of(KeyHistory key)
    {
        var known = new Dictionary<string, Operation>(StringComparer.Ordinal);
        var writes = new List<DerivedWrite>();
        foreach (var one in key.Reads.Concat(key.Changes).OrderBy(static one => one.Start))
        {
            if (one.Act == Act.Write) writes.Add(new DerivedWrite(one, known.GetValueOrDefault(one.Caller)));
            if (one.IsOk) known[one.Caller] = one;
        }

        return writes;
    }
}
