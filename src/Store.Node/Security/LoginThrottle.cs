using System.Net;
using System.Net.Sockets;

namespace Gossipdb.Node.Security;

/// <summary>
/// Slows down whoever guesses passwords: after some failures of a user or from an address, each further attempt waits longer, up to a
/// bound, and attempts wait one after the other. Where too many wait already a further one is turned away. What it remembers is bounded,
/// and forgotten after a while without failures. Any thread.
/// </summary>
/// <param name="time">Measures: a wall clock that is set lengthens no wait.</param>
internal sealed class LoginThrottle(TimeProvider time)
{
    /// <summary>Failures of one user before attempts wait.</summary>
    public const int FreeOfUser = 5;

    /// <summary>Failures from one address before attempts wait.</summary>
    public const int FreeOfAddress = 20;

    /// <summary>How many users, and how many addresses, are remembered.</summary>
    public const int MaxRemembered = 10_000;

    /// <summary>The longest time between two attempts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>The longest time an attempt waits; what would wait longer is turned away.</summary>
    public static readonly TimeSpan MostWait = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(15);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _addresses = new(StringComparer.Ordinal);

    private sealed class Entry
    {
        public int Failures;
        public TimeSpan Next;
        public TimeSpan Touched;
    }

    /// <summary>How many users and addresses are remembered.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate) return _users.Count + _addresses.Count;
        }
    }

    /// <summary>Books an attempt.</summary>
    /// <returns>How long it is to wait; null where it is turned away.</returns>
    public TimeSpan? Begin(string user, string address)
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(0);
            var (of, from) = (Find(_users, user, now), Find(_addresses, AddressOf(address), now));
            var start = now;
            if (of.Next > start) start = of.Next;
            if (from.Next > start) start = from.Next;
            if (start - now > MostWait) return null;
            of.Next = start + Pause(of.Failures - FreeOfUser);
            from.Next = start + Pause(from.Failures - FreeOfAddress);
            return start - now;
        }
    }

    /// <summary>An attempt that was booked has failed.</summary>
    public void Failed(string user, string address)
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(0);
            Count(Find(_users, user, now), FreeOfUser, now);
            Count(Find(_addresses, AddressOf(address), now), FreeOfAddress, now);
        }
    }

    /// <summary>An attempt was right: the user's failures count no more. Those of the address do: it may guess at others'.</summary>
    public void Succeeded(string user)
    {
        lock (_gate) _users.Remove(user);
    }

    private static void Count(Entry entry, int free, TimeSpan now)
    {
        entry.Failures++;
        var next = now + Pause(entry.Failures - free);
        if (next > entry.Next) entry.Next = next;
    }

    private static TimeSpan Pause(int beyond) =>
        beyond <= 0 ? TimeSpan.Zero : beyond > 10 ? Longest : TimeSpan.FromTicks(Math.Min(First.Ticks << (beyond - 1), Longest.Ticks));

    private static Entry Find(Dictionary<string, Entry> among, string key, TimeSpan now)
    {
        if (among.TryGetValue(key, out var known))
        {
            if (now - known.Touched > ForgottenAfter) known.Failures = 0;
            known.Touched = now;
            return known;
        }

        if (among.Count >= MaxRemembered) Forget(among, now);
        return among[key] = new Entry { Touched = now };
    }

    // What was not touched for long; where that is nothing, what was touched longest ago.
    private static void Forget(Dictionary<string, Entry> among, TimeSpan now)
    {
        string? oldest = null;
        var touched = TimeSpan.MaxValue;
        foreach (var (key, entry) in among)
        {
            if (now - entry.Touched > ForgottenAfter) among.Remove(key);
            else if (entry.Touched < touched) (oldest, touched) = (key, entry.Touched);
        }

        if (among.Count >= MaxRemembered && oldest is not null) among.Remove(oldest);
    }

    // Whoever has one address of IPv6 has 2^64 of them.
    private static string AddressOf(string from)
    {
        if (!IPEndPoint.TryParse(from, out var point)) return from;
        var address = point.Address.IsIPv4MappedToIPv6 ? point.Address.MapToIPv4() : point.Address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
