using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Server;
using Grpc.Core;

namespace Gossipdb.Node.Telemetry;

/// <summary>
/// Samples of the node's partitions. Each is taken in its partition's lane, so nothing is locked and nothing counted where calls are
/// served; they are taken when somebody reads metrics, and at most once a second. Any thread.
/// </summary>
internal sealed class PartitionSamples(PartitionDirectory partitions, NodeClock clock)
{
    private const long FreshMs = 1_000;

    // A partition that is busy for longer is left out: status names it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private Task _looking = Task.CompletedTask;
    private long _lookedAtMs = -FreshMs;
    private volatile PartitionSample[] _last = [];
    private volatile int _unanswered;

    /// <summary>Partitions that did not answer in time.</summary>
    public int Unanswered
    {
        get
        {
            Read();
            return _unanswered;
        }
    }

    /// <summary>
    /// The samples, a second old at most. Where they are older the caller waits: exporters read on threads of their own, and the page for
    /// Prometheus has refreshed them before.
    /// </summary>
    public PartitionSample[] Read()
    {
        RefreshAsync().Wait(Patience + Patience);
        return _last;
    }

    /// <summary>Takes new ones, unless they are a second old at most.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            var now = clock.SteadyMs;
            if (!_looking.IsCompleted || now - _lookedAtMs < FreshMs) return _looking;
            _lookedAtMs = now;
            return _looking = Task.Run(LookAsync);
        }
    }

    private async Task LookAsync()
    {
        var ask = new PartQuestions(Patience, CancellationToken.None);
        var nowMs = clock.SteadyMs;
        var looks = new List<Task<PartitionSample?>>();
        for (var i = 0; i < partitions.Count; i++)
        {
            if (partitions.Find(i) is not { } part) continue;
            var partition = i;
            looks.Add(ask.AskAsync<PartitionSample>(
                $"partition {i}",
                part.Actor,
                new PartitionPart.Look("metrics", replica => PartitionSample.Of(partition, replica, nowMs))));
        }

        var (samples, unanswered) = (new List<PartitionSample>(looks.Count), 0);
        foreach (var look in looks)
        {
            try
            {
                if (await look is not { } sample) unanswered++;
                else if (sample.Partition >= 0) samples.Add(sample);
            }
            catch (RpcException)
            {
                // The part has said in the log what went wrong.
                unanswered++;
            }
        }

        (_last, _unanswered) = ([.. samples], unanswered);
    }
}
