using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.State;

namespace Gossipdb.Replication.Watch;

/// <summary>
/// Somebody who follows the changes of a key, or of the keys with a prefix, in one partition. The host derives its own watchers, so it
/// knows whom to tell. The replica keeps how far a watcher has come.
/// </summary>
public abstract class Watcher
{
    /// <summary>The key, or what the keys begin with.</summary>
    public required Bytes Key { get; init; }

    /// <summary>True where keys that begin with <see cref="Key"/> are watched, false where that key alone is.</summary>
    public required bool IsPrefix { get; init; }

    /// <summary>A clock of what has been told already, here or elsewhere. Where it is empty the watch begins with all there is.</summary>
    public required VersionVector From { get; init; }

    /// <summary>When the replica must cover <see cref="From"/>, in milliseconds of its steady time.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>There is something to take again.</summary>
    public abstract void Wake();

    /// <summary>The watch has ended. It can go on at another replica.</summary>
    public abstract void End(Outcome outcome, string reason);

    /// <summary>Keys that have changed, in order, each once. Whoever takes a key is told what it holds at that moment.</summary>
    internal Queue<Bytes> Pending { get; } = new();

    internal HashSet<Bytes> IsPending { get; } = [];

    /// <summary>True until the pass over the keys that were there at the beginning has ended.</summary>
    internal bool IsScanning { get; set; } = true;

    /// <summary>True where there was no room for all changes. Another pass over the keys begins once this one has ended.</summary>
    internal bool ScansAgain { get; set; }

    internal Bytes ScannedTo { get; set; }

    /// <summary>The pass over the keys leaves out what this covers.</summary>
    internal VersionVector Since { get; set; } = new();

    /// <summary>Whether the pass over the keys tells of those that hold nothing.</summary>
    internal bool TellsDeleted { get; set; }

    internal bool HasTaken { get; set; }

    /// <summary>
    /// What will have been told once this round ends. A round is the pass over the keys, or the keys that wait when the round begins.
    /// </summary>
    internal VersionVector RoundClock { get; set; } = new();

    internal int RoundLeft { get; set; }

    /// <summary>What this covers has been taken.</summary>
    internal VersionVector Told { get; set; } = new();

    internal bool IsTokenDue { get; set; }

    internal bool IsResetDue { get; set; }

    internal bool IsIdle { get; set; }

    internal bool Matches(Bytes key) => IsPrefix ? key.Span.StartsWith(Key.Span) : key == Key;
}

/// <summary>Some changes, as a watcher takes them. The states are borrowed: translate them before the next input.</summary>
public sealed class WatchedChanges
{
    /// <summary>True where what the watcher was told before counts no longer. All that there is follows.</summary>
    public bool IsReset { get; internal set; }

    /// <summary>The keys, each with what it holds. Null where it holds nothing, or nothing any more.</summary>
    public List<(Bytes Key, StoredObject? Held)> Keys { get; } = [];

    /// <summary>
    /// A clock at which a later watch can begin without missing anything that came after these changes. Null where it is no further than
    /// before.
    /// </summary>
    public VersionVector? Token { get; internal set; }

    /// <summary>
    /// Whether the token also covers all that was shown. Values are those of the moment, and may be newer than what the token covers.
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
