using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// What a caller has seen, to be asked for again: a receipt's token, given to a later call with <c>After</c>, makes that call
/// see at least what the first one wrote or read, whichever replica answers. Opaque; carries the clock of one or more
/// partitions, and travels as text. A call takes from it only what concerns the partition of its own key.
/// </summary>
public sealed class ClockToken : IEquatable<ClockToken>
{
    private const byte FormatVersion = 1;

    private readonly Wire.Clock[] _clocks; // by partition, ascending, each with its entries by replica, ascending

    private ClockToken(Wire.Clock[] clocks) => _clocks = clocks;

    /// <summary>Covers nothing: asks for nothing.</summary>
    public static ClockToken None { get; } = new([]);

    internal static ClockToken Of(Wire.Clock? clock) =>
        clock is null || clock.Entries.Count == 0 ? None : new ClockToken([Ordered(clock)]);

    /// <summary>The token that covers what both cover. A <see cref="GossipdbSession"/> keeps that of all its calls.</summary>
    public ClockToken Merge(ClockToken other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var merged = new SortedDictionary<uint, SortedDictionary<ulong, long>>();
        foreach (var clock in _clocks.Concat(other._clocks))
        {
            if (!merged.TryGetValue(clock.Partition, out var entries))
                merged.Add(clock.Partition, entries = []);
            foreach (var entry in clock.Entries)
                entries[entry.Replica] = Math.Max(entry.Sequence, entries.GetValueOrDefault(entry.Replica));
        }

        return new ClockToken([.. merged.Select(clock => ToWire(clock.Key, clock.Value))]);
    }

    /// <summary>
    /// The same as tokens of one partition each: to be kept apart by whoever has room for some of them only. Together they are this one.
    /// </summary>
    public IReadOnlyList<ClockToken> ByPartition() => [.. _clocks.Select(static clock => new ClockToken([clock]))];

    /// <summary>The token as text, safe in a URL, a header or a cookie.</summary>
    public override string ToString()
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(FormatVersion);
        foreach (var clock in _clocks)
            clock.WriteDelimitedTo(bytes);
        return Base64Url.EncodeToString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no token.</exception>
    public static ClockToken Parse(string text) =>
        TryParse(text, out var token) ? token : throw new FormatException("The text is not a clock token.");

    /// <summary>Reads what <see cref="ToString"/> wrote; false where the text is no token.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ClockToken? token)
    {
        token = null;
        if (text is null || !Base64Url.IsValid(text))
            return false;
        using var bytes = new MemoryStream(Base64Url.DecodeFromChars(text));
        if (bytes.ReadByte() != FormatVersion)
            return false;
        try
        {
            var read = None;
            while (bytes.Position < bytes.Length)
                read = read.Merge(new ClockToken([Wire.Clock.Parser.ParseDelimitedFrom(bytes)]));
            token = read;
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>Whether both cover the same.</summary>
    public bool Equals(ClockToken? other) => other is not null && _clocks.AsSpan().SequenceEqual(other._clocks);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClockToken);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var clock in _clocks)
            hash.Add(clock);
        return hash.ToHashCode();
    }

    /// <summary>What the token says of a partition; null where it says nothing. Shared: never to be changed.</summary>
    internal Wire.Clock? ForPartition(uint partition)
    {
        foreach (var clock in _clocks)
        {
            if (clock.Partition == partition)
                return clock;
        }

        return null;
    }

    /// <summary>The token of several partitions' clocks.</summary>
    internal static ClockToken Of(IEnumerable<Wire.Clock> clocks) =>
        new([.. clocks.Where(static clock => clock.Entries.Count > 0).OrderBy(static clock => clock.Partition)]);

    /// <summary>The clocks, one of each partition. Shared: never to be changed.</summary>
    internal IEnumerable<Wire.Clock> Clocks => _clocks;

    internal static Wire.Clock Ordered(Wire.Clock clock)
    {
        for (var i = 1; i < clock.Entries.Count; i++)
        {
            if (clock.Entries[i - 1].Replica >= clock.Entries[i].Replica)
            {
                var entries = new SortedDictionary<ulong, long>();
                foreach (var entry in clock.Entries)
                    entries[entry.Replica] = Math.Max(entry.Sequence, entries.GetValueOrDefault(entry.Replica));
                return ToWire(clock.Partition, entries);
            }
        }

        return clock;
    }

    private static Wire.Clock ToWire(uint partition, SortedDictionary<ulong, long> entries)
    {
        var clock = new Wire.Clock { Partition = partition };
        foreach (var (replica, sequence) in entries)
            clock.Entries.Add(new Wire.VectorEntry { Replica = replica, Sequence = sequence });
        return clock;
    }
}
