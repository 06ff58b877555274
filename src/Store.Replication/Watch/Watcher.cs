using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Watch;

/// <summary>
/// Somebody who follows the changes of a key, or of the keys with a prefix, in one partition. The host derives its own, to know whom to
/// tell; where the watcher stands is the replica's to keep.
/// </summary>
public abstract class Watcher
{
    /// <summary>The key, or what the keys begin with.</summary>
    public required Bytes Key { get; init; }

    /// <summary>True where keys that begin with <see cref="Key"/> are watched, false where that key alone is.</summary>
    public required bool IsPrefix { get; init; }

    /// <summary>What has been told already, here or elsewhere; empty where nothing has: then the watch begins with all there is.</summary>
    public required VersionVector From { get; init; }

    /// <summary>Milliseconds of the replica's steady clock by when it must cover <see cref="From"/>.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>There is something to take, where there was nothing.</summary>
    public abstract void Wake();

    /// <summary>The watch has ended, and can go on at another replica.</summary>
    public abstract void End(Outcome outcome, string reason);

    /// <summary>Keys that have changed, in order, each once: what is told of them is what they hold when they are taken.</summary>
    internal Queue<Bytes> Pending { get; } = new();

    internal HashSet<Bytes> IsPending { get; } = [];

    /// <summary>True until the keys there were at the beginning have been gone through.</summary>
    internal bool IsScanning { get; set; } = true;

    /// <summary>True where there was no room for all changes: once the pass over the keys has ended another one begins.</summary>
    internal bool ScansAgain { get; set; }

    internal Bytes ScannedTo { get; set; }

    /// <summary>What the pass over the keys leaves out.</summary>
    internal VersionVector Since { get; set; } = new();

    /// <summary>Whether the pass over the keys tells of those that hold nothing.</summary>
    internal bool TellsDeleted { get; set; }

    internal bool HasTaken { get; set; }

    /// <summary>What will have been told once this round has: the pass over the keys, or so many of those that wait.</summary>
    internal VersionVector RoundClock { get; set; } = new();

    internal int RoundLeft { get; set; }

    /// <summary>Everything this covers has been taken.</summary>
    internal VersionVector Told { get; set; } = new();

    internal bool IsTokenDue { get; set; }

    internal bool IsResetDue { get; set; }

    internal bool IsIdle { get; set; }

    internal bool Matches(Bytes key) => IsPrefix ? key.Span.StartsWith(Key.Span) : key == Key;
}

/// <summary>Some changes, as a watcher takes them. States are borrowed: translate them before the next input.</summary>
public sealed class WatchedChanges
{
    /// <summary>True where what the watcher was told before counts no longer: all keys there are follow.</summary>
    public bool IsReset { get; internal set; }

    /// <summary>The keys, each with what it holds; null where it holds nothing (any more).</summary>
    public List<(Bytes Key, StoredObject? Held)> Keys { get; } = [];

    /// <summary>
    /// Where a later watch can begin so that it misses nothing that came after these; null where that is no further than before.
    /// </summary>
    public VersionVector? Token { get; internal set; }

    /// <summary>
    /// Whether the token covers, too, all that was shown: values are those of the moment, and may be newer than what the token covers.
    /// </summary>
    public bool CoversShown { get; internal set; }

    internal void Clear()
    {
        IsReset = false;
        Keys.Clear();
        Token = null;
        CoversShown = false;
    }
}
