using Gossipdb.Client;
using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Recording;

/// <summary>
/// Makes calls, and has them logged where somebody listens. A history's caller makes one call at a time: calls that are made at the same
/// time on one client or session are those of several callers, "node 1", "node 1 (2)" and so on.
/// </summary>
internal sealed class TappedScope(CallTap tap, Dispatcher dispatcher, SessionClock? clock, string name) : CallScope(dispatcher, clock)
{
    private readonly Lock _gate = new();
    private readonly List<bool> _busy = [];

    public override ValueTask<Wire.Reply> WriteAsync(
        in KeyBytes key, Wire.Request request, int bytes, Write? write, CancellationToken cancellation)
    {
        var logs = tap.Logs;
        if (logs.Length == 0) return base.WriteAsync(key, request, bytes, write, cancellation);
        var asked = write ?? Dispatcher.Settings.DefaultWrite;
        var (call, lane) = Begin(logs, key, request, asked.Level.ToString(), asked.Durability, asked.Lifetime is not null);
        return FinishAsync(call, lane, base.WriteAsync(key, request, bytes, write, cancellation));
    }

    public override ValueTask<Wire.Reply> ReadAsync(
        in KeyBytes key, Wire.Request request, Read? read, CancellationToken cancellation)
    {
        var logs = tap.Logs;
        if (logs.Length == 0) return base.ReadAsync(key, request, read, cancellation);
        var asked = read ?? Dispatcher.Settings.DefaultRead;
        var (call, lane) = Begin(
            logs, key, request, asked.MaxStaleness is null ? asked.Level.ToString() : "within", durability: null, givesLife: false);
        return FinishAsync(call, lane, base.ReadAsync(key, request, read, cancellation));
    }

    private (TappedCall Call, int Lane) Begin(
        CallLog[] logs, in KeyBytes key, Wire.Request request, string level, Durability? durability, bool givesLife)
    {
        var lane = Enter();
        var begun = Clock?.Beginnings ?? 0;
        var call = new TappedCall
        {
            Caller = lane == 0 ? name : $"{name} ({lane + 1})",
            Session = Clock is null ? null : begun == 0 ? name : $"{name}, begun anew {begun} times",
            Key = key.Bytes,
            Request = request,
            Level = level,
            Durability = durability,
            GivesLife = givesLife,
        };
        foreach (var log in logs) log.Add(call);
        return (call, lane);
    }

    private async ValueTask<Wire.Reply> FinishAsync(TappedCall call, int lane, ValueTask<Wire.Reply> reply)
    {
        try
        {
            var answer = await reply.ConfigureAwait(false);
            call.End(answer, problem: null);
            return answer;
        }
        catch (Exception problem)
        {
            call.End(reply: null, problem);
            throw;
        }
        finally
        {
            Leave(lane);
        }
    }

    private int Enter()
    {
        lock (_gate)
        {
            var free = _busy.IndexOf(false);
            if (free < 0)
            {
                free = _busy.Count;
                _busy.Add(false);
            }

            _busy[free] = true;
            return free;
        }
    }

    private void Leave(int lane)
    {
        lock (_gate) _busy[lane] = false;
    }
}
