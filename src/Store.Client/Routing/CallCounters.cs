namespace Gossipdb.Client.Routing;

/// <summary>Numbers the requests, and counts what the calls needed besides one attempt.</summary>
internal sealed class CallCounters
{
    private ulong _requests;
    private long _retries;
    private long _hedges;
    private long _hedgesWon;
    private long _hedgesWithheld;

    /// <summary>The id of another request: a call's, or a hedge's.</summary>
    public ulong NextId() => Interlocked.Increment(ref _requests);

    public void SentAgain() => Interlocked.Increment(ref _retries);

    public void Hedged() => Interlocked.Increment(ref _hedges);

    public void HedgeWon() => Interlocked.Increment(ref _hedgesWon);

    public void HedgeWithheld() => Interlocked.Increment(ref _hedgesWithheld);

    public ClientCounts Snapshot()
    {
        var hedges = Interlocked.Read(ref _hedges);
        return new ClientCounts(
            Math.Max(0, (long)Interlocked.Read(ref _requests) - hedges),
            Interlocked.Read(ref _retries),
            hedges,
            Interlocked.Read(ref _hedgesWon),
            Interlocked.Read(ref _hedgesWithheld));
    }
}
