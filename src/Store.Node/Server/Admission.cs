using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>What calls hold of the node's limits: the bytes of requests in flight, and the room for large answers. Any thread.</summary>
internal sealed class Admission(NodeSettings settings, NodeClock clock)
{
    // What a request costs beside its bytes; keeps millions of tiny ones from slipping under a limit in bytes.
    private const int OverheadBytes = 256;

    // A caller may hold that many times what is left free of the limit: one alone four fifths of it, and a hundred of them all but a
    // four-hundredth.
    private const int ShareOfFree = 4;
    private long _inFlightBytes;

    /// <summary>The room for large answers.</summary>
    public AnswerBudget Answers { get; } = new(
        settings.MaxAnswerBytes, settings.MaxAnswerBytesPerClient, settings.SlowReaderTimeoutMs, () => clock.SteadyMs);

    /// <summary>Bytes of requests being served, and of small answers that wait to be written.</summary>
    public long InFlightBytes => Volatile.Read(ref _inFlightBytes);

    /// <summary>What a request counts for.</summary>
    public static int CostOf(Request request) => request.CalculateSize() + OverheadBytes;

    /// <summary>Counts bytes as in flight.</summary>
    /// <returns>Why they may not be; they are counted all the same, until <see cref="Unreserve"/>. Null where they may.</returns>
    public string? Reserve(CallerAccount account, int bytes)
    {
        var max = settings.MaxInFlightBytes;
        var all = Interlocked.Add(ref _inFlightBytes, bytes);
        var own = account.Add(bytes);
        return all > max ? $"{all} bytes are in flight at node {settings.Id}; the limit is {max}"
            : own > ShareOfFree * (max - all) ? $"{own} bytes of this connection are in flight at node {settings.Id}, all that it may "
                + $"have of the limit of {max} while {all - own} are of others"
            : null;
    }

    /// <summary>They are in flight no more.</summary>
    public void Unreserve(CallerAccount account, int bytes)
    {
        Interlocked.Add(ref _inFlightBytes, -bytes);
        account.Add(-bytes);
    }

    /// <summary>Gives back what a call held of the limits.</summary>
    public void Release(ServerCall call)
    {
        Unreserve(call.Account, call.AdmittedBytes);
        if (call.AnswerBytes > 0) Answers.Give(call.Account, call.AnswerBytes);
    }

    /// <summary>Finds room for an answer to a read before it is built.</summary>
    /// <returns>False where there is none now: the call has been refused, or the read is made again once there is.</returns>
    public bool TryMakeRoom(ServerCall call, long bytes)
    {
        if (bytes <= call.AnswerBytes) return true;
        if (call.AnswerBytes > 0)
        {
            Answers.Give(call.Account, call.AnswerBytes);
            call.AnswerBytes = 0;
        }

        if (bytes > Answers.MaxBytes)
        {
            call.Refuse(
                ErrorCode.TooLarge,
                $"the answer has about {bytes} bytes; the limit is {Answers.MaxBytes} (gossipdb.limits.answers): read it in parts");
            return false;
        }

        var now = clock.SteadyMs;
        var hasRoom = Answers.TryTake(call.Account, bytes, now);
        call.AnswerBytes = bytes;
        if (hasRoom) return true;
        Answers.Defer(call.Account, call);
        return false;
    }

    /// <summary>Charges what an answer really weighs, now that it is built and waits to be sent.</summary>
    public void Settle(ServerCall call, Reply reply)
    {
        var bytes = reply.OutcomeCase switch
        {
            Reply.OutcomeOneofCase.Value => reply.Value.CalculateSize(),
            Reply.OutcomeOneofCase.Values => reply.Values.CalculateSize(),
            Reply.OutcomeOneofCase.Scanned => reply.Scanned.CalculateSize(),
            _ => 0,
        };
        if (call.AnswerBytes == 0 && bytes <= AnswerBudget.SmallBytes)
        {
            call.AdmittedBytes += bytes;
            Interlocked.Add(ref _inFlightBytes, bytes);
            call.Account.Add(bytes);
            return;
        }

        Answers.Adjust(call.Account, bytes - call.AnswerBytes);
        call.AnswerBytes = bytes;
    }
}
