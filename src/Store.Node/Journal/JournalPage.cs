namespace Gossipdb.Node.Journal;

/// <summary>
/// Records of the journal in a row, with their numbers. It is filled again and again: its room is kept, because records as large as they
/// may be would each be a large object to the runtime. Not for several writers.
/// </summary>
internal sealed class JournalPage
{
    /// <summary>A page that can choose ends once it has so many bytes.</summary>
    public const int EnoughBytes = 4 << 20;

    private readonly List<(long Number, int Start, int Length)> _records = [];
    private byte[] _bytes = [];
    private int _used;

    /// <summary>How many records.</summary>
    public int Count => _records.Count;

    /// <summary>How many bytes they have.</summary>
    public long Bytes => _used;

    /// <summary>Whether the journal ends with them.</summary>
    public bool IsLast { get; set; }

    /// <summary>The number of the last record.</summary>
    public long Last => _records[^1].Number;

    /// <summary>A record's number.</summary>
    public long NumberOf(int index) => _records[index].Number;

    /// <summary>A record. It is lent until the page is cleared.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_records[index].Start, _records[index].Length);

    /// <summary>Adds a record behind the others.</summary>
    public void Add(long number, ReadOnlySpan<byte> record)
    {
        if (_bytes.Length - _used < record.Length)
            Array.Resize(ref _bytes, Math.Max(_used + record.Length, Math.Min(2 * _bytes.Length, EnoughBytes)));
        record.CopyTo(_bytes.AsSpan(_used));
        _records.Add((number, _used, record.Length));
        _used += record.Length;
    }

    /// <summary>Forgets all records.</summary>
    public void Clear()
    {
        _records.Clear();
        _used = 0;
        IsLast = false;
    }
}
