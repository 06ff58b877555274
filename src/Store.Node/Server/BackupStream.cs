using Google.Protobuf;
using Gossipdb.Crdt.Registers;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Partitions;
using Gossipdb.Protocol;
using Gossipdb.Replication.Images;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// Streams a backup of one partition: a slice is made in the partition's lane, and the next one only once the client has taken it.
/// </summary>
internal sealed class BackupStream(NodeSettings settings, PartitionDirectory partitions)
{
    // Each keeps the list of its partition's keys, and slices that were not taken yet.
    private const int MostAtOnce = 8;
    private const int PieceBytes = 256 << 10;
    private const int UnchangedPerPiece = PieceBytes / sizeof(ulong);
    private static readonly TimeSpan LookWithin = TimeSpan.FromSeconds(30);
    private static int _running;

    public async Task RunAsync(BackupRequest request, IServerStreamWriter<BackupPiece> stream, CancellationToken cancelled)
    {
        if (request.Partition >= partitions.Count)
            throw Refused(StatusCode.InvalidArgument, $"there is no partition {request.Partition}: the cluster has {partitions.Count}");
        var partition = (int)request.Partition;
        if (partitions.Find(partition) is not { } part)
        {
            throw Refused(StatusCode.FailedPrecondition, partitions.IsRecovered(partition)
                ? $"node {settings.Id} does not hold partition {partition}"
                : $"node {settings.Id} is still reading its journal");
        }

        try
        {
            if (Interlocked.Increment(ref _running) > MostAtOnce)
                throw Refused(StatusCode.FailedPrecondition, $"node {settings.Id} makes {MostAtOnce} backups at once, and no more");
            await RunAsync(request, part, stream, cancelled);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task RunAsync(
        BackupRequest request, PartitionPart part, IServerStreamWriter<BackupPiece> stream, CancellationToken cancelled)
    {
        var partition = (int)request.Partition;
        var since = Wire.ToVector(request.Since ?? new Clock());
        var before = new Replication.Images.BackupKeys(request.Keys?.Count ?? 0, request.Keys?.Hash ?? 0);
        BackupSource? source = null;
        Replication.Images.BackupEnd? end = null;
        ulong replicaId = 0;
        while (end is null)
        {
            var objects = new List<SavedObject>();
            var look = new PartitionPart.Look("a backup", replica =>
            {
                if (replica is null) return Seen.Failed("the node holds the partition no longer");
                try
                {
                    replicaId = replica.Id.Value;
                    source ??= replica.Backups.Begin(since, before, settings.MaxValueBytes / 2);
                    return new Seen(replica.Backups.Continue(source, objects), null);
                }
                catch (InvalidOperationException cannot)
                {
                    return Seen.Failed(cannot.Message);
                }
            });
            var ask = new PartQuestions(LookWithin, cancelled);
            var seen = await ask.AskAsync<Seen>($"partition {partition}", part.Actor, look)
                ?? throw Refused(StatusCode.FailedPrecondition, $"partition {partition} of node {settings.Id} does not answer");
            if (seen.Problem is { } problem)
                throw Refused(StatusCode.FailedPrecondition, $"node {settings.Id}, partition {partition}: {problem}");
            end = seen.End;
            await WriteAsync(objects, stream, cancelled);
        }

        for (var i = 0; i < end.Unchanged?.Count; i += UnchangedPerPiece)
        {
            var piece = new BackupPiece();
            for (var j = i; j < Math.Min(end.Unchanged.Count, i + UnchangedPerPiece); j++) piece.Unchanged.Add(end.Unchanged[j]);
            await stream.WriteWholeAsync(piece, cancelled);
        }

        await stream.WriteWholeAsync(new BackupPiece { End = ToWire(partition, end, replicaId) }, cancelled);
    }

    private static async Task WriteAsync(List<SavedObject> objects, IServerStreamWriter<BackupPiece> stream, CancellationToken cancelled)
    {
        var piece = new BackupPiece();
        long bytes = 0;
        foreach (var saved in objects)
        {
            piece.Entries.Add(new BackupEntry
            {
                Key = Wire.ToByteString(saved.Key),
                Type = saved.IsGone ? Protocol.ValueType.None : Wire.ToValueType(saved.Type),
                State = UnsafeByteOperations.UnsafeWrap(saved.State),
                ExpiresAtUnixMs = saved.ExpiresAtMs == Expiry.Never ? 0 : saved.ExpiresAtMs,
                Continues = saved.Continues,
            });
            bytes += saved.Key.Length + saved.State.Length;
            if (bytes < PieceBytes) continue;
            await stream.WriteWholeAsync(piece, cancelled);
            (piece, bytes) = (new BackupPiece(), 0);
        }

        if (piece.Entries.Count > 0) await stream.WriteWholeAsync(piece, cancelled);
    }

    private static Protocol.BackupEnd ToWire(int partition, Replication.Images.BackupEnd end, ulong replica) => new()
    {
        Clock = Wire.ToClock(partition, end.Clock),
        StableCut = Wire.ToClock(partition, end.StableCut),
        LastTimestamp = end.LastTimestamp.Value,
        Keys = new Protocol.BackupKeys { Count = end.Keys.Count, Hash = end.Keys.Hash },
        ListsUnchanged = end.Unchanged is not null,
        Replica = replica,
    };

    private static RpcException Refused(StatusCode code, string message) => new(new Grpc.Core.Status(code, message));

    private sealed record Seen(Replication.Images.BackupEnd? End, string? Problem)
    {
        public static Seen Failed(string problem) => new(null, problem);
    }
}
