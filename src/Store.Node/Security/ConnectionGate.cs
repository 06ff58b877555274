using System.Net;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;

namespace Gossipdb.Node.Security;

/// <summary>
/// Counts the connections to all of a node's ports. Each passes here before anything is read of it. It is unknown until it has said what it
/// is for (<see cref="Entry.Known"/>), and is hung up on where it does not in time, or where all connections are taken and it has been
/// silent for the longest. Any thread.
/// </summary>
internal sealed class ConnectionGate : IDisposable
{
    // The journal, logs, the listening sockets, calls to other nodes, what a library has open for a moment.
    private const int OwnFiles = 256;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private readonly Lock _gate = new();
    private readonly Dictionary<Origin, int> _ofOrigin = [];
    private readonly LinkedList<Entry> _unknown = [];
    private readonly NodeHealth _health;
    private readonly TimeProvider _time;
    private readonly ConnectionLimits _limits;
    private readonly ITimer _looking;
    private int _open;
    private long _refusedInAll;
    private long _refusedOfAddress;
    private long _silent;

    /// <param name="settings">The limits.</param>
    /// <param name="health">Told now and then of who is not let in.</param>
    public ConnectionGate(NodeSettings settings, NodeHealth health)
        : this(settings, health, TimeProvider.System, FileLimit.OfProcess())
    {
    }

    /// <param name="settings">The limits.</param>
    /// <param name="health">Told now and then of who is not let in.</param>
    /// <param name="time">What measures how long a connection is silent.</param>
    /// <param name="files">How many files the process may have open.</param>
    public ConnectionGate(NodeSettings settings, NodeHealth health, TimeProvider time, int files)
    {
        (_health, _time, _limits) = (health, time, settings.Connections);
        Max = Math.Max(16, Math.Min(_limits.Connections, files - OwnFiles));
        if (Max < _limits.Connections)
        {
            health.Warn($"the process may have {files} files open (ulimit -n): the node takes {Max} connections, and not the "
                + $"{_limits.Connections} of gossipdb.limits.connections; raise the one or lower the other");
        }

        _looking = time.CreateTimer(_ => HangUpOnSilent(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many connections there may be.</summary>
    public int Max { get; }

    /// <summary>How many of them one address may have.</summary>
    public int MaxPerAddress => _limits.PerAddress;

    /// <summary>Connections there are.</summary>
    public int Open => Read(static gate => gate._open);

    /// <summary>Those of them that have not said what they are for.</summary>
    public int Unknown => Read(static gate => gate._unknown.Count);

    /// <summary>Connections that were hung up on because all were taken.</summary>
    public long RefusedInAll => Read(static gate => gate._refusedInAll);

    /// <summary>Connections that were hung up on because their address had all that it may have.</summary>
    public long RefusedOfAddress => Read(static gate => gate._refusedOfAddress);

    /// <summary>Connections that were hung up on because they did not say in time what they are for.</summary>
    public long Silent => Read(static gate => gate._silent);

    /// <summary>Lets a connection in.</summary>
    /// <param name="from">Its other end.</param>
    /// <param name="hangUp">Closes it at once. Called at most once, on any thread.</param>
    /// <returns>To be disposed when it ends; null where it is to be closed now.</returns>
    public Entry? TryEnter(EndPoint? from, Action hangUp)
    {
        var entry = new Entry(this, Origin.Of(from), hangUp, _time.GetTimestamp());
        Entry? givesWay = null;
        string refusal;
        lock (_gate)
        {
            var ofOrigin = _ofOrigin.GetValueOrDefault(entry.Origin);
            if (ofOrigin >= _limits.PerAddress)
            {
                _refusedOfAddress++;
                refusal = $"{entry.Origin} has {ofOrigin} connections; the limit is gossipdb.limits.connections-per-address";
                givesWay = entry;
            }
            else
            {
                refusal = $"there are {_open} connections; the limit is {Max} (gossipdb.limits.connections)";
                if (_open >= Max)
                {
                    _refusedInAll++;
                    givesWay = _unknown.First?.Value ?? entry;
                    if (givesWay != entry) Remove(givesWay);
                }

                if (givesWay != entry) Add(entry, ofOrigin);
            }
        }

        if (givesWay is not null) _health.WarnNowAndThen("connections", $"hung up on a connection of {givesWay.Origin}: {refusal}");
        if (givesWay == entry) return null;
        givesWay?.HangUp();
        return entry;
    }

    public void Dispose() => _looking.Dispose();

    private T Read<T>(Func<ConnectionGate, T> read)
    {
        lock (_gate) return read(this);
    }

    private void Add(Entry entry, int ofOrigin)
    {
        _open++;
        _ofOrigin[entry.Origin] = ofOrigin + 1;
        entry.Place = _unknown.AddLast(entry);
        if (_unknown.Count == 1) _looking.Change(LookEvery, LookEvery);
        entry.IsIn = true;
    }

    private void Remove(Entry entry)
    {
        if (!entry.IsIn) return;
        entry.IsIn = false;
        _open--;
        if (--_ofOrigin[entry.Origin] is 0) _ofOrigin.Remove(entry.Origin);
        NoLongerUnknown(entry);
    }

    private void NoLongerUnknown(Entry entry)
    {
        if (entry.Place is not { } place) return;
        _unknown.Remove(place);
        entry.Place = null;
    }

    private void HangUpOnSilent()
    {
        var now = _time.GetTimestamp();
        while (true)
        {
            Entry silent;
            lock (_gate)
            {
                if (_unknown.First is not { Value: var oldest })
                {
                    _looking.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    return;
                }

                if (_time.GetElapsedTime(oldest.Since, now) < _limits.HandshakeWithin) return;
                _silent++;
                NoLongerUnknown(oldest);
                silent = oldest;
            }

            _health.WarnNowAndThen("silent-connections", $"hung up on {silent.Origin}, which has not said in "
                + $"{_limits.HandshakeWithin.TotalMilliseconds} ms what it wants (gossipdb.limits.handshake-timeout)");
            silent.HangUp();
        }
    }

    /// <summary>Where a connection comes from: an address, or of IPv6 a network of 64 bits, which is what one caller has.</summary>
    internal readonly record struct Origin(ulong High, bool IsV6)
    {
        /// <summary>The origin of an end of a connection.</summary>
        public static Origin Of(EndPoint? end)
        {
            if (end is not IPEndPoint { Address: var address }) return default;
            if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out var length);
            var high = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes);
            return new Origin(high, length > 4);
        }

        public override string ToString()
        {
            Span<byte> bytes = stackalloc byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
            return IsV6 ? $"{new IPAddress(bytes)}/64" : $"{new IPAddress(bytes[..4])}";
        }
    }

    /// <summary>A connection that was let in.</summary>
    internal sealed class Entry(ConnectionGate gate, Origin origin, Action hangUp, long since) : IDisposable
    {
        private Action? _hangUp = hangUp;

        /// <summary>Where it comes from.</summary>
        public Origin Origin => origin;

        /// <summary>When it came.</summary>
        public long Since => since;

        internal LinkedListNode<Entry>? Place { get; set; }

        internal bool IsIn { get; set; }

        /// <summary>It has said what it is for: from here on it is not hung up on for saying nothing.</summary>
        public void Known()
        {
            if (Volatile.Read(ref _hangUp) is null || Place is null) return;
            lock (gate._gate) gate.NoLongerUnknown(this);
        }

        /// <summary>It has ended.</summary>
        public void Dispose()
        {
            Volatile.Write(ref _hangUp, null);
            lock (gate._gate) gate.Remove(this);
        }

        internal void HangUp() => Interlocked.Exchange(ref _hangUp, null)?.Invoke();
    }
}
