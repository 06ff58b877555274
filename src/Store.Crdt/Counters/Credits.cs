using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Counters;

/// <summary>
/// Rights that operations with an id give to the replicas that executed them, once no further execution can come.
/// <para>
/// The value counts one execution of an increment. So the least execution gives its amount, unless the first attempt stands in a row
/// already. A decrement took rights at every execution. So all executions but the least get theirs back.
/// </para>
/// <para>
/// Where a reset has cancelled one of the executions, the operation counted before the reset.
/// The other executions then give nothing, and get back what they took.
/// </para>
/// </summary>
internal sealed class Credits
{
    // In ascending order of replica, without zeros.
    private readonly List<(ReplicaId Replica, Int128 Amount)> _amounts = [];

    internal int Count => _amounts.Count;

    internal ReplicaId ReplicaAt(int index) => _amounts[index].Replica;

    internal Int128 Of(ReplicaId replica)
    {
        foreach (var (holder, amount) in _amounts)
        {
            if (holder == replica) return amount;
        }

        return 0;
    }

    /// <summary>Adds what one id's executions give. With a <paramref name="sign"/> of -1 takes it away.</summary>
    internal void Add(ReadOnlySpan<CounterTag> executions, int sign)
    {
        var (counted, isAnyCancelled, isAnyInRow) = (0, false, false);
        for (var i = 0; i < executions.Length; i++)
        {
            isAnyCancelled |= executions[i].IsCancelled;
            isAnyInRow |= executions[i].IsInRow;
            if (executions[i].IsInRow) counted = i;
        }

        if (isAnyCancelled && !isAnyInRow) counted = -1;
        for (var i = 0; i < executions.Length; i++)
        {
            if (executions[i].IsCancelled) continue;
            var amount = i != counted ? Int128.Max(-(Int128)executions[i].Amount, 0)
                : executions[i].IsInRow ? 0
                : Int128.Max(executions[i].Amount, 0);
            if (amount != 0) Add(executions[i].Dot.Replica, amount * sign);
        }
    }

    internal Credits Copy()
    {
        var copy = new Credits();
        copy._amounts.AddRange(_amounts);
        return copy;
    }

    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_amounts.Count);
        foreach (var (replica, amount) in _amounts)
        {
            writer.WriteReplicaId(replica);
            writer.WriteSigned128(amount);
        }
    }

    internal static Credits Decode(ref ByteReader reader)
    {
        var credits = new Credits();
        var count = reader.ReadCount(minimumBytesEach: 10);
        for (var i = 0; i < count; i++)
        {
            var replica = reader.ReadReplicaId();
            var amount = reader.ReadSigned128();
            if (i > 0 && replica.CompareTo(credits.ReplicaAt(i - 1)) <= 0)
                throw new CorruptDataException("credits are not in ascending order of replica");

            // Less than 2^64 executions of at most 2^63 each.
            if (amount <= 0 || amount >> 126 != 0) throw new CorruptDataException("a credit is of no amount there is");
            credits._amounts.Add((replica, amount));
        }

        return credits;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _amounts);

    private void Add(ReplicaId replica, Int128 amount)
    {
        var place = 0;
        while (place < _amounts.Count && _amounts[place].Replica.CompareTo(replica) < 0) place++;
        if (place == _amounts.Count || _amounts[place].Replica != replica) _amounts.Insert(place, (replica, amount));
        else if (_amounts[place].Amount + amount == 0) _amounts.RemoveAt(place);
        else _amounts[place] = (replica, _amounts[place].Amount + amount);
    }
}
