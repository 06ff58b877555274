namespace Gossipdb.Node.Faults;

/// <summary>
/// This node's end of the link to one other node, over whatever connections there are between the two: what becomes of what is sent, and
/// whether anything is heard. A link without faults is in nobody's way. Any thread.
/// <para>Each connection keeps its own order. What passes at a rate passes one after the other, whichever connection it is of.</para>
/// <para>Loss is what TCP makes of it: a packet that is lost is sent again after a retransmission timeout, which doubles with each further
/// loss (RFC 6298, sections 2 and 5), and the connection holds back what came behind it. Packets of one send are under way together, so
/// the latest of them says when it has arrived.</para>
/// </summary>
/// <param name="time">Measures.</param>
/// <param name="maxBytes">How much may be under way before who sends has to wait.</param>
/// <param name="random">Draws what is lost, and the jitter.</param>
internal sealed class FaultyLink(TimeProvider time, long maxBytes, Random random)
{
    /// <summary>What one packet carries, with Ethernet's frames.</summary>
    private const int PacketBytes = 1_460;

    // Of Linux, which is below the second of RFC 6298. The most is our own: a link that loses all but everything is late, and not for ever.
    private static readonly TimeSpan LeastRetransmission = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostRetransmission = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private volatile InForce? _outward;
    private volatile InForce? _inward;
    private CancellationTokenSource _changed = new();
    private TaskCompletionSource? _room;
    private long _freeAt;
    private long _underWay;

    /// <summary>Bytes that were sent and have not arrived.</summary>
    public long UnderWay => Volatile.Read(ref _underWay);

    /// <summary>How many there may be before who sends has to wait.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>Whether anything may be wrong with what this node sends, now or every now and then.</summary>
    public bool IsDisturbed => _outward is not null;

    /// <summary>Whether nothing of what this node sends arrives at the moment.</summary>
    public bool DropsOutward => _outward is { Fault.Cut: true } outward && outward.IsAt(Now);

    /// <summary>Whether nothing of what the other node sends arrives at the moment.</summary>
    public bool DropsInward => _inward is { Fault.Cut: true } inward && inward.IsAt(Now);

    /// <summary>Whether it is cut in either direction at the moment: no connection comes about then, and silence means nothing.</summary>
    public bool IsCut => DropsOutward || DropsInward;

    /// <summary>Whether it is cut in either direction, also where that comes and goes: silence means nothing then.</summary>
    public bool MayBeSilent => _outward is { Fault.Cut: true } || _inward is { Fault.Cut: true };

    /// <summary>The same, or what the other node sends comes late: it comes whole then, after a silence that is none over a wire.</summary>
    public bool MayBeQuiet => MayBeSilent || _inward is not null;

    /// <summary>Now, by a clock that is never set: in ticks of a <see cref="TimeSpan"/>.</summary>
    public long Now => time.GetElapsedTime(0).Ticks;

    /// <summary>Cancelled with the next change of what is wrong: what is under way may arrive earlier.</summary>
    public CancellationToken Changed
    {
        get
        {
            lock (_gate) return _changed.Token;
        }
    }

    /// <summary>So it is from here on. What it was before, the same, goes on undisturbed.</summary>
    /// <param name="outward">What is wrong with what this node sends; null for nothing.</param>
    /// <param name="inward">What is wrong with what the other one sends: it sees to that itself, but for a cut.</param>
    public void Set(LinkFault? outward, LinkFault? inward)
    {
        CancellationTokenSource changed;
        lock (_gate)
        {
            if (_inward?.Fault != inward) _inward = inward is null ? null : new(inward, Now);
            if (_outward?.Fault == outward) return;
            _outward = outward is null ? null : new(outward, Now);
            (changed, _changed, _freeAt) = (_changed, new CancellationTokenSource(), 0);
        }

        changed.Cancel();
    }

    /// <summary>Whether bytes that are sent now arrive at all.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="at">When they do.</param>
    public bool Passes(int bytes, out long at)
    {
        lock (_gate)
        {
            at = Now;
            if (_outward is not { } outward || !outward.IsAt(at)) return true;
            if (outward.Fault.Cut) return false;
            if (outward.Fault.BytesPerSecond is { } rate)
                at = _freeAt = Math.Max(at, _freeAt) + (long)(bytes * (double)TimeSpan.TicksPerSecond / rate);
            at += DelayOf(outward.Fault) + RetransmissionOf(outward.Fault, bytes);
            return true;
        }
    }

    /// <summary>The latest that something arrives that is under way, and passed when something else was wrong.</summary>
    public long LatestFromNow()
    {
        lock (_gate) return Now + (_outward is { } outward ? DelayOf(outward.Fault) : 0);
    }

    /// <summary>So many bytes are under way.</summary>
    public void Begin(int bytes)
    {
        lock (_gate) _underWay += bytes;
    }

    /// <summary>They have arrived, or never will.</summary>
    public void End(long bytes)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _underWay -= bytes;
            if (_underWay <= maxBytes) (room, _room) = (_room, null);
        }

        room?.SetResult();
    }

    /// <summary>Done once less is under way than may be.</summary>
    public Task HasRoomAsync()
    {
        lock (_gate)
        {
            if (_underWay <= maxBytes) return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Waits for a moment, or for a change.</summary>
    /// <param name="ticks">For how long.</param>
    /// <param name="changed">Ends it: something else is wrong than when it began (<see cref="Changed"/>).</param>
    /// <param name="stop">Ends it.</param>
    public async Task WaitAsync(long ticks, CancellationToken changed, CancellationToken stop)
    {
        // Timers count in milliseconds, and one that comes too early would be set again and again.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling(ticks / (double)TimeSpan.TicksPerMillisecond));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(changed, stop);
        await Task.Delay(wait, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private long DelayOf(LinkFault fault) =>
        fault.Delay.Ticks + (fault.Jitter > TimeSpan.Zero ? random.NextInt64(-fault.Jitter.Ticks, fault.Jitter.Ticks + 1) : 0);

    private long RetransmissionOf(LinkFault fault, int bytes)
    {
        if (fault.Loss <= 0) return 0;
        var timeout = Math.Max(LeastRetransmission.Ticks, 2 * (fault.Delay + fault.Jitter).Ticks);
        var latest = 0L;
        for (var left = bytes; left > 0; left -= PacketBytes)
        {
            var late = 0L;
            for (var next = timeout; late < MostRetransmission.Ticks && random.NextDouble() < fault.Loss; next *= 2) late += next;
            latest = Math.Max(latest, late);
        }

        return Math.Min(latest, MostRetransmission.Ticks);
    }

    /// <summary>A fault since it was told.</summary>
    private sealed record InForce(LinkFault Fault, long Since)
    {
        public bool IsAt(long now) =>
            Fault.Flapping is not var (every, each) || (now - Since) % every.Ticks < each.Ticks;
    }
}
