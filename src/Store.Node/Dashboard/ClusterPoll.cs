using System.Text.Json;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Server;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>What was seen of the cluster last, as the pages are told it.</summary>
/// <param name="Number">Counts up.</param>
/// <param name="Cluster">A <see cref="ClusterShown"/>.</param>
/// <param name="Partitions">A <see cref="PartitionsShown"/>: the same text as before where nothing has changed.</param>
/// <param name="Live">A list with the <see cref="LivePoint"/> of it.</param>
internal sealed record Sight(long Number, string Cluster, string Partitions, string Live);

/// <summary>
/// Asks every node each second how it is, for all pages together, as long as there is one, and in the name of one of those who look. Any
/// thread.
/// </summary>
internal sealed class ClusterPoll(
    NodeCalls calls, PartitionDirectory partitions, AddressBook addresses, LayoutReports layouts, NodeHealth health) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(1_500);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly List<Looker> _lookers = [];
    private readonly Happenings _happenings = new();
    private readonly LiveFigures _live = new();
    private readonly SemaphoreSlim _kick = new(0, 1);
    private CancellationTokenSource? _ended;
    private TaskCompletionSource<Sight> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Sight? _last;
    private ClusterSnapshot? _snapshot;

    /// <summary>Somebody who looks.</summary>
    public sealed class Looker(string? credentials)
    {
        /// <summary>In whose name nodes are asked.</summary>
        public string? Credentials => credentials;
    }

    /// <summary>What happened, as it was seen while somebody looked.</summary>
    public Happenings Happenings => _happenings;

    /// <summary>The figures of the last minutes.</summary>
    public LiveFigures Live => _live;

    /// <summary>Whether nodes are asked: somebody looks.</summary>
    public bool IsLooking
    {
        get
        {
            lock (_gate) return _ended is not null;
        }
    }

    /// <summary>Somebody looks from now on.</summary>
    public Looker Begin(string? credentials)
    {
        var looker = new Looker(credentials);
        lock (_gate)
        {
            _lookers.Add(looker);
            if (_ended is null)
            {
                // What was seen long ago is not how it is.
                _last = null;
                _ended = new CancellationTokenSource();
                _ = Task.Run(() => RunAsync(_ended.Token));
            }
        }

        return looker;
    }

    /// <summary>They look no more.</summary>
    public void End(Looker looker)
    {
        lock (_gate)
        {
            _lookers.Remove(looker);
            if (_lookers.Count > 0) return;
            _ended?.Cancel();
            _ended?.Dispose();
            _ended = null;
        }
    }

    /// <summary>Asks now, and not only when it is time to.</summary>
    public void Kick()
    {
        try
        {
            if (_kick.CurrentCount == 0) _kick.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else was quicker.
        }
    }

    /// <summary>The first sight after one.</summary>
    public async Task<Sight> AfterAsync(long number, CancellationToken cancelled)
    {
        while (true)
        {
            Task<Sight> next;
            lock (_gate) next = _next.Task;
            if (_last is { } last && last.Number > number) return last;
            await next.WaitAsync(cancelled);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended?.Cancel();
            _ended?.Dispose();
            _ended = null;
        }

        _kick.Dispose();
    }

    private async Task RunAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await LookAsync(ended);
                await _kick.WaitAsync(Interval, ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unforeseen)
            {
                health.WarnNowAndThen("dashboard", $"the dashboard could not look at the cluster: {unforeseen.Message}");
                await Task.Delay(PauseAfterFailure, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(CancellationToken ended)
    {
        string? credentials;
        lock (_gate) credentials = _lookers.Count > 0 ? _lookers[^1].Credentials : null;
        var asked = calls.Nodes.Select(node => AskAsync(node, credentials, ended)).ToList();
        var heard = await Task.WhenAll(asked);
        ended.ThrowIfCancellationRequested();
        var placement = partitions.Placement;
        var snapshot = new ClusterSnapshot(
            calls.Self,
            heard,
            placement.Layout,
            [.. Enumerable.Range(0, placement.Layout.Partitions).Select(placement.PreferenceList)],
            layouts.Staged is null ? null : layouts.Current());
        _happenings.Compare(_snapshot, snapshot);
        var point = _live.Add(_snapshot, snapshot);
        var cluster = ClusterPictures.Cluster(_snapshot, snapshot);
        var parts = JsonSerializer.Serialize(ClusterPictures.Partitions(snapshot), DashboardJson.Default.PartitionsShown);
        _snapshot = snapshot;
        var sight = new Sight(
            (_last?.Number ?? snapshot.AtMs) + 1,
            JsonSerializer.Serialize(cluster, DashboardJson.Default.ClusterShown),
            _last?.Partitions == parts ? _last.Partitions : parts,
            JsonSerializer.Serialize<IReadOnlyList<LivePoint>>([point], DashboardJson.Default.IReadOnlyListLivePoint));
        TaskCompletionSource<Sight> told;
        lock (_gate)
        {
            _last = sight;
            told = _next;
            _next = new TaskCompletionSource<Sight>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.TrySetResult(sight);
    }

    private async Task<NodeHeard> AskAsync(NodeId node, string? credentials, CancellationToken ended)
    {
        var endpoint = addresses.Find(node)?.ClientEndpoint ?? string.Empty;
        try
        {
            using var call = calls.Operator(node).StatusAsync(
                new StatusRequest { Brief = true }, NodeCalls.Options(credentials, AnswerWithin, ended));
            return new NodeHeard(node, endpoint, await call, null);
        }
        catch (RpcException failure) when (!ended.IsCancellationRequested)
        {
            return new NodeHeard(node, endpoint, null, Answers.ReasonOf(failure));
        }
    }
}
