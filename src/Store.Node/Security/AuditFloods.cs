namespace Gossipdb.Node.Security;

/// <summary>
/// Keeps what somebody can bring about as often as they like from flooding the audit log, and so from pushing older files out: of one
/// action, user and address so many lines are written in a while. The others are counted, and told of in one line when the while is over.
/// Any thread.
/// </summary>
/// <param name="time">The clock that measures.</param>
/// <param name="mostLines">How many lines.</param>
internal sealed class AuditFloods(TimeProvider time, int mostLines)
{
    /// <summary>How long lines are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // All beyond that share one count for each action.
    private const int MostCounted = 1_000;
    private static readonly Caller Others = new(string.Empty, CallerProof.None, "other addresses");
    private readonly Lock _gate = new();
    private readonly Dictionary<(AuditAction Action, AuditOutcome Outcome, Caller Who), Counted> _counted = [];

    /// <summary>Whether anything is counted.</summary>
    public bool IsCounting
    {
        get
        {
            lock (_gate) return _counted.Count > 0;
        }
    }

    /// <summary>Whether a line is to be written; it is counted where it is not.</summary>
    public bool MayWrite(AuditAction action, AuditOutcome outcome, Caller who)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var key = (action, outcome, WithoutPort(who));
            if (!_counted.TryGetValue(key, out var counted))
            {
                if (_counted.Count >= MostCounted) key = (action, outcome, Others);
                if (!_counted.TryGetValue(key, out counted)) _counted.Add(key, counted = new Counted(now));
            }

            if (counted.Lines < mostLines)
            {
                counted.Lines++;
                return true;
            }

            counted.Unwritten++;
            return false;
        }
    }

    /// <summary>What was counted and is to be told now. To be asked every so often.</summary>
    /// <param name="all">Also where the while is not over.</param>
    public IReadOnlyList<(AuditAction Action, AuditOutcome Outcome, Caller Who, long Lines)> TakeUntold(bool all = false)
    {
        var now = time.GetTimestamp();
        var untold = new List<(AuditAction, AuditOutcome, Caller, long)>();
        lock (_gate)
        {
            foreach (var (key, counted) in _counted)
            {
                if (!all && time.GetElapsedTime(counted.Since, now) < Window) continue;
                if (counted.Unwritten > 0) untold.Add((key.Action, key.Outcome, key.Who, counted.Unwritten));
                _counted.Remove(key);
            }
        }

        return untold;
    }

    // Of which one machine has many.
    private static Caller WithoutPort(Caller who) =>
        System.Net.IPEndPoint.TryParse(who.From, out var endpoint) ? who with { From = $"{endpoint.Address}" } : who;

    private sealed class Counted(long since)
    {
        public long Since => since;

        public int Lines { get; set; }

        public long Unwritten { get; set; }
    }
}
