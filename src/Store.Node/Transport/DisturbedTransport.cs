using System.Buffers;
using System.IO.Pipelines;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Transport;

/// <summary>
/// What carries the frames between two nodes where the link between them may be told faults. What is sent at once are whole frames: they
/// are lost whole, or arrive later, in their order. Without faults they pass straight on.
/// </summary>
/// <param name="carrier">What carries them in the end.</param>
/// <param name="link">Says what becomes of them.</param>
internal sealed class DisturbedTransport(FrameTransport carrier, FaultyLink link) : FrameTransport
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private Queue<Sent> _underWay = [];
    private CancellationToken _changed;
    private long _lastAt;
    private bool _isDelivering;
    private bool _isGone;

    private readonly record struct Sent(byte[] Lent, int Bytes, long At);

    public override string Peer => carrier.Peer;

    public override PeerIdentity? Identity => carrier.Identity;

    public override PipeReader Input => carrier.Input;

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes) =>
        link.IsDisturbed || Volatile.Read(ref _isDelivering) ? Delay(bytes) : carrier.SendAsync(bytes);

    public override void Abort(string because)
    {
        Forget();
        carrier.Abort(because);
    }

    public override ValueTask DisposeAsync()
    {
        Forget();
        return carrier.DisposeAsync();
    }

    private ValueTask Delay(ReadOnlyMemory<byte> bytes)
    {
        var changed = link.Changed;
        if (!link.Passes(bytes.Length, out var at)) return default;
        var lent = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(lent);
        lock (_gate)
        {
            if (_isGone) throw new IOException("the other end is gone");
            link.Begin(bytes.Length);
            _underWay.Enqueue(new Sent(lent, bytes.Length, _lastAt = Math.Max(_lastAt, at)));
            if (!_isDelivering)
            {
                _changed = changed;
                Volatile.Write(ref _isDelivering, true);
                _ = Task.Run(DeliverAsync);
            }
        }

        return new ValueTask(link.HasRoomAsync());
    }

    // Until nothing is under way. Who sends meanwhile queues up behind.
    private async Task DeliverAsync()
    {
        while (true)
        {
            Sent next;
            long early;
            lock (_gate)
            {
                if (_changed.IsCancellationRequested) Hasten();
                if (!_underWay.TryPeek(out next))
                {
                    Volatile.Write(ref _isDelivering, false);
                    return;
                }

                early = next.At - link.Now;
                if (early <= 0) _underWay.Dequeue();
            }

            if (early > 0) await link.WaitAsync(early, _changed, _ending.Token).ConfigureAwait(false);
            else await DeliverAsync(next).ConfigureAwait(false);
        }
    }

    // What is under way is no later than by what is wrong now: a link that is mended has nothing left that comes a minute later.
    private void Hasten()
    {
        _changed = link.Changed;
        var latest = link.LatestFromNow();
        _lastAt = Math.Min(_lastAt, latest);
        _underWay = new(_underWay.Select(sent => sent with { At = Math.Min(sent.At, latest) }));
    }

    private async Task DeliverAsync(Sent next)
    {
        try
        {
            // A cut is in the way of what is under way, too.
            if (!link.DropsOutward) await carrier.SendAsync(next.Lent.AsMemory(0, next.Bytes)).ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is IOException or InvalidOperationException or OperationCanceledException)
        {
            Forget(); // ObjectDisposedException is an InvalidOperationException
        }
        finally
        {
            link.End(next.Bytes);
            ArrayPool<byte>.Shared.Return(next.Lent);
        }
    }

    // The other end is gone, or this one has closed: nothing arrives any more.
    private void Forget()
    {
        var bytes = 0L;
        lock (_gate)
        {
            _isGone = true;
            while (_underWay.TryDequeue(out var sent))
            {
                bytes += sent.Bytes;
                ArrayPool<byte>.Shared.Return(sent.Lent);
            }

            // What is sent at this end in its place goes by another connection.
            _lastAt = 0;
        }

        link.End(bytes);
        _ending.Cancel();
    }
}
