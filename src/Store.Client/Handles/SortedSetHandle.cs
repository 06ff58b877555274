using System.Runtime.CompilerServices;
using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// Members in order of their scores, from the highest down; members of one score in order of their bytes. Of scores given to a member
/// concurrently the later stays, concurrent increments add up, and a change wins over a concurrent removal.
/// </summary>
public class SortedSetHandle : KeyHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected SortedSetHandle()
    {
    }

    internal SortedSetHandle(in ObjectAddress at)
        : base(at, StoredType.SortedSet)
    {
    }

    /// <summary>Gives a member its score, whether or not it is held already.</summary>
    public virtual Task<Receipt> SetAsync(Bytes member, long score, Write? consistency = null, CancellationToken cancellation = default) =>
        SetAsync([new ScoredMember(member, score)], consistency, cancellation);

    /// <summary>Gives members their scores, all in one write.</summary>
    public virtual Task<Receipt> SetAsync(
        IEnumerable<ScoredMember> members, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.Scores(members), consistency, cancellation);

    /// <summary>Adds to the score of a member, which begins at 0 where it is not held. Negative amounts subtract.</summary>
    public virtual Task<Receipt> IncrementAsync(
        Bytes member, long amount = 1, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.IncrementScore(member, amount), consistency, cancellation);

    /// <summary>
    /// Adds to the score of a member, then reads the score; null where the member was removed meanwhile. It covers this change and all that
    /// the replica that answers has heard of others', earlier or concurrent.
    /// </summary>
    /// <param name="member">The member.</param>
    /// <param name="amount">By how much.</param>
    /// <param name="write">What the write asks for.</param>
    /// <param name="read">What the read asks for besides covering the write; null asks one replica.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ReadBackException">The write was acked, and the score could not be read.</exception>
    public virtual Task<long?> IncrementAndGetAsync(
        Bytes member, long amount = 1, Write? write = null, Read? read = null, CancellationToken cancellation = default) =>
        UpdateAndReadAsync(
            Change.IncrementScore(member, amount), reading => ReadScoreAsync(member, reading, cancellation), write, read, cancellation);

    /// <summary>Removes a member, as far as the executing replica knows it.</summary>
    public virtual Task<Receipt> RemoveAsync(Bytes member, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveMembers(WireElements.Of(member)), consistency, cancellation);

    /// <summary>Removes members, all in one write.</summary>
    [OverloadResolutionPriority(1)]
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<string> members, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveMembers(WireElements.Of(members)), consistency, cancellation);

    /// <summary>Removes members, all in one write.</summary>
    public virtual Task<Receipt> RemoveAsync(
        IEnumerable<Bytes> members, Write? consistency = null, CancellationToken cancellation = default) =>
        UpdateAsync(Change.RemoveMembers(WireElements.Of(members)), consistency, cancellation);

    /// <summary>All members, from the highest score down.</summary>
    public virtual Task<IReadOnlyList<ScoredMember>> GetAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadAsync(consistency, cancellation).ValueAsync();

    /// <summary>All members, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<ScoredMember>>> ReadAsync(
        Read? consistency = null, CancellationToken cancellation = default) =>
        MembersAsync(new(), consistency, cancellation);

    /// <summary>The first so many members, from the highest score down.</summary>
    public virtual Task<IReadOnlyList<ScoredMember>> GetAsync(
        int top, Read? consistency = null, CancellationToken cancellation = default) =>
        RangeByRankAsync(0, top, consistency, cancellation);

    /// <summary>Members by their places, from the highest score down: what of them there is.</summary>
    /// <param name="start">The first one's rank; 0 is the highest score's.</param>
    /// <param name="count">How many, from 1 to the cluster's limit of a batch (1,000 unless configured otherwise).</param>
    /// <param name="consistency">What the read asks for.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public virtual Task<IReadOnlyList<ScoredMember>> RangeByRankAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRangeByRankAsync(start, count, consistency, cancellation).ValueAsync();

    /// <summary>Members by their places, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<ScoredMember>>> ReadRangeByRankAsync(
        int start, int count, Read? consistency = null, CancellationToken cancellation = default) =>
        MembersAsync(Part.Ranks(start, count), consistency, cancellation);

    /// <summary>Members by their scores, from the highest down.</summary>
    /// <param name="min">The least score, itself included.</param>
    /// <param name="max">The greatest score, itself included.</param>
    /// <param name="limit">How many at most, from 1 to the cluster's limit of a batch (1,000 unless configured otherwise).</param>
    /// <param name="consistency">What the read asks for.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public virtual Task<IReadOnlyList<ScoredMember>> RangeByScoreAsync(
        long min, long max, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRangeByScoreAsync(min, max, limit, consistency, cancellation).ValueAsync();

    /// <summary>Members by their scores, with the receipt.</summary>
    public virtual Task<Result<IReadOnlyList<ScoredMember>>> ReadRangeByScoreAsync(
        long min, long max, int limit = 500, Read? consistency = null, CancellationToken cancellation = default) =>
        MembersAsync(Part.Scores(min, max, limit), consistency, cancellation);

    /// <summary>How many members are before this one, 0 for the highest score; null where it is not held.</summary>
    public virtual Task<long?> RankAsync(Bytes member, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadRankAsync(member, consistency, cancellation).ValueAsync();

    /// <summary>A member's rank, with the receipt.</summary>
    public virtual Task<Result<long?>> ReadRankAsync(Bytes member, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.RankOf(member), Case.Count, static value => (long?)value?.Count, consistency, cancellation);

    /// <summary>A member's score; null where it is not held.</summary>
    public virtual Task<long?> ScoreAsync(Bytes member, Read? consistency = null, CancellationToken cancellation = default) =>
        ReadScoreAsync(member, consistency, cancellation).ValueAsync();

    /// <summary>A member's score, with the receipt.</summary>
    public virtual Task<Result<long?>> ReadScoreAsync(Bytes member, Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.ScoreOf(member), Case.Number, static value => value?.Number, consistency, cancellation);

    /// <summary>How many members there are, without fetching them.</summary>
    public virtual Task<long> CountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        ReadCountAsync(consistency, cancellation).ValueAsync();

    /// <summary>How many members there are, with the receipt.</summary>
    public virtual Task<Result<long>> ReadCountAsync(Read? consistency = null, CancellationToken cancellation = default) =>
        QueryAsync(Part.Count(), Case.Count, static value => (long)(value?.Count ?? 0), consistency, cancellation);

    private Task<Result<IReadOnlyList<ScoredMember>>> MembersAsync(Wire.Read part, Read? consistency, CancellationToken cancellation) =>
        QueryAsync<IReadOnlyList<ScoredMember>>(
            part, Case.SortedSet, static value => value is null ? [] : ValueCodec.Scored(value.SortedSet), consistency, cancellation);
}
