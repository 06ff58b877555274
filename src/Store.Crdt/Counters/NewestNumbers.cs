namespace Gossipdb.Crdt.Counters;

/// <summary>
/// The greatest number that each client has had in a table of operation ids. A client counts its operations up, so nearly every id that is
/// looked for is newer than all that are held of its client. This says so without a look at the table, which lies elsewhere in memory.
/// Removing an id changes nothing here: then an id may be looked for in vain.
/// </summary>
/// <remarks>A mutable struct, kept in one field.</remarks>
internal struct NewestNumbers
{
    // Of more clients than these nothing is said: going through them would cost what it saves.
    private const int Most = 8;

    private (ulong Client, ulong Number)[]? _clients;
    private int _count;

    /// <summary>True where an id is certainly not held.</summary>
    public readonly bool IsNewer(ulong client, ulong number)
    {
        if (_count > Most) return false;
        for (var i = 0; i < _count; i++)
        {
            if (_clients![i].Client == client) return number > _clients[i].Number;
        }

        return true;
    }

    /// <summary>Notes an id that is held from here on.</summary>
    public void Note(ulong client, ulong number)
    {
        if (_count > Most) return;
        for (var i = 0; i < _count; i++)
        {
            ref var held = ref _clients![i];
            if (held.Client != client) continue;
            held.Number = Math.Max(held.Number, number);
            return;
        }

        if (_count == Most)
        {
            (_clients, _count) = (null, Most + 1);
            return;
        }

        if (_count == (_clients?.Length ?? 0)) Array.Resize(ref _clients, Math.Max(1, _count * 2));
        _clients![_count++] = (client, number);
    }
}
