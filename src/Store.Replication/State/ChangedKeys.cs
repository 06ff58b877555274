using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// The keys that were changed or dropped since somebody began to look, each once, in the order in which they first were. See
/// <see cref="Keyspace.Track"/>.
/// </summary>
internal sealed class ChangedKeys
{
    private readonly HashSet<Bytes> _noted = [];
    private List<Bytes> _keys = [];

    /// <summary>How many.</summary>
    public int Count => _keys.Count;

    /// <summary>A key.</summary>
    public Bytes this[int index] => _keys[index];

    /// <summary>Whether a key is among them.</summary>
    public bool Contains(Bytes key) => _noted.Contains(key);

    /// <summary>Notes a key that was changed or dropped.</summary>
    public void Note(Bytes key)
    {
        if (_noted.Add(key)) _keys.Add(key);
    }

    /// <summary>Takes all of them. From here on the next ones are noted.</summary>
    public List<Bytes> Take()
    {
        var taken = _keys;
        _keys = [];
        _noted.Clear();
        return taken;
    }
}
