using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Gossipdb.Client.Connection;
using Gossipdb.Client.Routing;
using Google.Protobuf;
using Grpc.Core;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// One watch: a stream to each of as few nodes as hold all its partitions. When a stream ends its partitions go on at other owners, from
/// where each of them was, after a pause that grows with the failures; so a watch ends when its reader ends it, or when a node refuses it
/// for good.
/// </summary>
internal sealed class Watching
{
    private const int BackoffLeastMs = 50;
    private const int BackoffMostMs = 2_000;

    // The batches a reader may be behind before the nodes are made to wait.
    private const int MostWaiting = 16;
    private readonly Dispatcher _dispatcher;
    private readonly ByteString _key;
    private readonly bool _isPrefix;
    private readonly uint _partitions;
    private readonly Dictionary<uint, Followed> _followed;
    private readonly Channel<uint[]> _adrift = Channel.CreateUnbounded<uint[]>();
    private readonly Channel<Wire.WatchBatch> _batches = Channel.CreateBounded<Wire.WatchBatch>(MostWaiting);

    // Where one partition is. Belongs to its stream while there is one.
    private sealed class Followed(Wire.Clock from)
    {
        public Wire.Clock From { get; set; } = from;

        /// <summary>Whether the reader may know of keys that are gone by the time a watch begins from nothing.</summary>
        public bool HasTold { get; set; } = from.Entries.Count > 0;

        /// <summary>Whether more was told than the clock above says: of changes that may be lost with the node that told them.</summary>
        public bool IsAhead { get; set; }
        public int Failures { get; set; }
        public int Uncovered { get; set; }
    }

    private Watching(Dispatcher dispatcher, ByteString key, bool isPrefix, ClockToken from, uint partitions)
    {
        _dispatcher = dispatcher;
        _key = key;
        _isPrefix = isPrefix;
        _partitions = partitions;
        var only = isPrefix ? KeyHash.PartitionOfPrefix(key.Span, partitions) : KeyHash.Partition(KeyHash.Of(key.Span), partitions);
        _followed = Enumerable.Range(0, (int)partitions).Select(static each => (uint)each).Where(each => only is null || only == each)
            .ToDictionary(static each => each, each => new Followed(from.ForPartition(each) ?? new Wire.Clock { Partition = each }));
    }

    public static async IAsyncEnumerable<KeyChange> RunAsync(
        CallScope scope, Bytes key, bool isPrefix, ClockToken? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var bytes = isPrefix ? Bytes.WireOf(key) : KeyBytes.Of(key).Bytes;
        var partitions = await scope.Dispatcher.PartitionsAsync(scope.Dispatcher.Settings.Timeout, cancellation).ConfigureAwait(false);
        var watching = new Watching(scope.Dispatcher, bytes, isPrefix, from ?? ClockToken.None, partitions);
        using var ending = scope.Dispatcher.UntilDisposed(cancellation);
        var following = Task.Run(() => watching.FollowAsync(ending.Token), CancellationToken.None);
        try
        {
            await foreach (var change in watching.ChangesAsync(from ?? ClockToken.None, ending.Token).ConfigureAwait(false))
                yield return change;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async IAsyncEnumerable<KeyChange> ChangesAsync(ClockToken from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // What has been told of each partition to the reader, which may be behind what its stream has received.
        var told = from.Clocks.ToDictionary(static clock => clock.Partition);
        var token = from;
        await foreach (var batch in _batches.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (batch.Reset)
            {
                if (told.Remove(batch.Partition)) token = ClockToken.Of(told.Values);
                yield return new KeyChange(KeyChangeKind.Reset, "", StoredType.None, null, token, batch.Partition, _partitions);
            }

            for (var i = 0; i < batch.Keys.Count; i++)
            {
                if (i + 1 == batch.Keys.Count) token = Note(batch, told, token);
                yield return ToChange(batch.Keys[i], token, batch.Partition);
            }

            if (batch.Keys.Count == 0) token = Note(batch, told, token);
        }
    }

    private static ClockToken Note(Wire.WatchBatch batch, Dictionary<uint, Wire.Clock> told, ClockToken token)
    {
        if (batch.Token is null) return token;
        told[batch.Partition] = ClockToken.Ordered(batch.Token);
        return ClockToken.Of(told.Values);
    }

    private KeyChange ToChange(Wire.WatchedKey told, ClockToken token, uint partition)
    {
        var key = new Bytes(told.Key);
        if (told.Value is { } value)
        {
            var stored = new StoredValue(value);
            return new(KeyChangeKind.Value, key, stored.Type, stored, token, partition, _partitions);
        }

        return told.Omitted == Wire.ValueType.None
            ? new(KeyChangeKind.Deleted, key, StoredType.None, null, token, partition, _partitions)
            : new(KeyChangeKind.LargeValue, key, ValueCodec.TypeOf(told.Omitted), null, token, partition, _partitions);
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        try
        {
            _adrift.Writer.TryWrite([.. _followed.Keys]);
            await foreach (var adrift in _adrift.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                foreach (var group in adrift.GroupBy(each => _dispatcher.OwnerOf(each, _followed[each].Failures)))
                    _ = FollowAsync(group.Key, [.. group], cancellation);
            }
        }
        catch (Exception failure)
        {
            _batches.Writer.TryComplete(failure);
        }
    }

    private async Task FollowAsync(NodeConnection? node, uint[] partitions, CancellationToken cancellation)
    {
        try
        {
            if (node is not null) await ReadAsync(node, partitions, cancellation).ConfigureAwait(false);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.InvalidArgument or StatusCode.Unimplemented)
        {
            _batches.Writer.TryComplete(new InvalidRequestException($"The watch was refused: {refused.Status.Detail}."));
            return;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
        {
            _batches.Writer.TryComplete(new PermissionDeniedException(refused.Status.Detail, inner: refused));
            return;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Unauthenticated
            && _dispatcher.Settings.Credentials is not { CanRenew: true })
        {
            _batches.Writer.TryComplete(new AuthenticationFailedException(refused.Status.Detail, inner: refused));
            return;
        }
        catch (RpcException expired) when (expired.StatusCode == StatusCode.Unauthenticated)
        {
            // Another token is asked for.
            _dispatcher.Settings.Credentials!.Forget();
        }
        catch (Exception lost) when (lost is RpcException or IOException or HttpRequestException
            or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The node is gone, or busy: on to the next.
        }
        catch (Exception unforeseen)
        {
            // Nobody would follow these partitions any more: the reader learns it.
            _batches.Writer.TryComplete(unforeseen);
            return;
        }

        var failures = 0;
        foreach (var each in partitions) failures = Math.Max(failures, ++_followed[each].Failures);
        var most = Math.Min(BackoffMostMs, BackoffLeastMs << Math.Min(failures, 10));
        await Task.Delay(Random.Shared.Next(most / 2, most), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _adrift.Writer.TryWrite(partitions);
    }

    private async Task ReadAsync(NodeConnection node, uint[] partitions, CancellationToken cancellation)
    {
        var request = new Wire.WatchRequest { IsPrefix = _isPrefix };
        if (_isPrefix) request.Prefix = _key;
        else request.Key = _key;
        foreach (var each in partitions)
        {
            var followed = _followed[each];
            if (followed.IsAhead) followed.From = new Wire.Clock { Partition = each };
            followed.IsAhead = false;
            request.From.Add(followed.From);
            if (!followed.HasTold || followed.From.Entries.Count > 0) continue;
            followed.HasTold = false;
            await _batches.Writer.WriteAsync(new Wire.WatchBatch { Partition = each, Reset = true }, cancellation).ConfigureAwait(false);
        }

        using var call = node.Watch(request, cancellation);
        if (call is null) return;
        await foreach (var batch in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (!partitions.Contains(batch.Partition))
                throw new InvalidDataException($"{node.Endpoint} told of partition {batch.Partition}, which it was not asked for.");
            var followed = _followed[batch.Partition];
            if (batch.Error is { Code: Wire.ErrorCode.Internal } failed)
            {
                // It would end the same way elsewhere.
                _batches.Writer.TryComplete(new InternalException(failed.Message));
                return;
            }

            if (batch.Error is { } error)
            {
                NoteEnd(followed, batch.Partition, error);
                return;
            }

            followed.Failures = 0;
            followed.Uncovered = 0;
            followed.HasTold |= batch.Keys.Count > 0;
            await _batches.Writer.WriteAsync(batch, cancellation).ConfigureAwait(false);

            // What has not been told whole is told again.
            if (batch.Reset) followed.From = new Wire.Clock { Partition = batch.Partition };
            followed.IsAhead |= batch.Keys.Count > 0;
            if (batch.Token is not { } token) continue;
            followed.From = token;
            if (batch.CoversShown) followed.IsAhead = false;
        }
    }

    private void NoteEnd(Followed followed, uint partition, Wire.Error error)
    {
        if (error.Code != Wire.ErrorCode.SessionUnavailable || ++followed.Uncovered < _dispatcher.OwnersOf(partition)) return;

        // Every owner was asked and none knows all that was told: it may be lost, or behind a cut. What they do know is told anew, and
        // the rest when it appears.
        followed.Uncovered = 0;
        followed.From = new Wire.Clock { Partition = partition };
    }
}
