using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Node.Security;

/// <summary>
/// Checks passwords, which is slow on purpose: a few at a time, on threads of the pool. The same credentials that are checked already, by
/// several calls at once, are checked once. What was right is remembered for a while, as a hash under a key of this process: so a call
/// that brings a password does not cost a check.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PasswordCheck(TimeProvider time)
{
    private const int MaxRemembered = 4_096;
    private const int MaxWaiting = 256;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(5);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _checks = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly ConcurrentDictionary<string, DateTimeOffset> _right = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<bool?>>> _underWay = new(StringComparer.Ordinal);

    /// <summary>How many checks were made: for tests.</summary>
    public long Made => Volatile.Read(ref _made);

    private long _made;

    /// <summary>Whether a password was found right lately, for this hash of it.</summary>
    public bool IsKnown(string user, string password, Bytes hash) =>
        hash.Length > 0 && _right.TryGetValue(ProofOf(user, password, hash), out var until) && time.GetUtcNow() < until;

    /// <summary>Whether a password is right; null where too many checks wait already.</summary>
    public async Task<bool?> IsRightAsync(string user, string password, Bytes hash)
    {
        var proof = ProofOf(user, password, hash);
        var check = _underWay.GetOrAdd(proof, _ => new Lazy<Task<bool?>>(() => Task.Run(() => CheckAsync(proof, password, hash))));
        try
        {
            return await check.Value.ConfigureAwait(false);
        }
        finally
        {
            _underWay.TryRemove(proof, out _);
        }
    }

    private async Task<bool?> CheckAsync(string proof, string password, Bytes hash)
    {
        if (_underWay.Count > MaxWaiting) return null;
        await _checks.WaitAsync().ConfigureAwait(false);
        try
        {
            Interlocked.Increment(ref _made);
            if (!PasswordHashes.IsRight(hash, password)) return false;
        }
        finally
        {
            _checks.Release();
        }

        Remember(proof);
        return true;
    }

    private void Remember(string proof)
    {
        var now = time.GetUtcNow();
        if (_right.Count >= MaxRemembered)
        {
            foreach (var (known, until) in _right)
                if (until <= now) _right.TryRemove(known, out _);
            if (_right.Count >= MaxRemembered) _right.Clear();
        }

        _right[proof] = now + RememberedFor;
    }

    private string ProofOf(string user, string password, Bytes hash)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(Encoding.UTF8.GetBytes(user));
        mac.AppendData([0]);
        mac.AppendData(hash.Span);
        mac.AppendData([0]);
        mac.AppendData(Encoding.UTF8.GetBytes(password));
        return Convert.ToHexString(mac.GetHashAndReset());
    }
}
