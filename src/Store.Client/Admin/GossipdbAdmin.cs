using System.Runtime.CompilerServices;
using Gossipdb.Client.Admin;
using Gossipdb.Client.Backups;
using Gossipdb.Client.Connection;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>The operator's view of one node. Safe for several callers at once.</summary>
public sealed partial class GossipdbAdmin : IDisposable
{
    // How long a node may take for a slice of a backup, while it is busy.
    private static readonly TimeSpan SliceTimeout = TimeSpan.FromSeconds(30);
    private readonly GrpcChannel _channel;
    private readonly Wire.Admin.AdminClient _admin;
    private readonly WireClient _data;
    private readonly Wire.Accounts.AccountsClient _accounts;
    private readonly TimeSpan _timeout;
    private volatile string? _distrust;

    /// <summary>Creates the view; connects when first asked.</summary>
    /// <param name="endpoint">The node's address: "http://host:port", or "host:port" for the same.</param>
    /// <param name="timeout">How long an answer may take, connecting included: a millisecond to a day; 5 seconds unless said
    /// otherwise.</param>
    /// <exception cref="ArgumentException">The endpoint is no address, or the timeout is out of range.</exception>
    public GossipdbAdmin(string endpoint, TimeSpan? timeout = null)
        : this(endpoint, new GossipdbOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5) })
    {
    }

    /// <summary>Creates the view as a client with these options would reach the node; connects when first asked.</summary>
    /// <param name="endpoint">The node's address, as in <see cref="GossipdbOptions.Endpoints"/>.</param>
    /// <param name="options">How nodes are reached, who calls, and how long an answer may take.</param>
    /// <exception cref="ArgumentException">The endpoint is no address, or an option makes no sense.</exception>
    public GossipdbAdmin(string endpoint, GossipdbOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ReplicaLevel.CheckTimeout(options.Timeout);
        _timeout = options.Timeout;
        var address = EndpointAddress.Parse(endpoint, secure: options.Tls is not null);
        Endpoint = EndpointAddress.Text(address);
        _channel = NodeChannel.Create(
            address, new ClientTls(options.Tls), refused => _distrust = refused, Connection.Credentials.Of(options), isWatched: false);
        _admin = new(_channel);
        _data = new(_channel);
        _accounts = new(_channel);
    }

    /// <summary>The node's address.</summary>
    public string Endpoint { get; }

    /// <summary>How the node is.</summary>
    /// <param name="digests">Also the digest of every partition's state, at the cost of a pass over all of it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<NodeStatus> StatusAsync(bool digests = false, CancellationToken cancellation = default) =>
        AdminCodec.Status(await CallAsync(
            _admin.StatusAsync(new() { Digests = digests }, Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>What the node's journal takes of the disk, and who holds it.</summary>
    public async Task<JournalReport> JournalAsync(CancellationToken cancellation = default) =>
        AdminCodec.Report(await CallAsync(_admin.JournalAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>
    /// The keys and partitions that clients asked for most of late, of the calls that the node coordinated. <see cref="HotReport.Merge"/>
    /// makes one of what all nodes say.
    /// </summary>
    /// <param name="keys">How many keys are wanted, 1 to 1,000.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many keys are not told.</exception>
    /// <exception cref="PermissionDeniedException">Whoever asks may not administer, or may not read all keys.</exception>
    public async Task<HotReport> HotAsync(int keys = 100, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys, 1_000);
        return HotCodec.Report(await CallAsync(
            _admin.HotAsync(new() { Keys = (uint)keys }, Options(cancellation)), cancellation).ConfigureAwait(false));
    }

    /// <summary>What the node holds of a key.</summary>
    public async Task<Inspection> InspectAsync(Bytes key, CancellationToken cancellation = default) =>
        AdminCodec.Inspection(await CallAsync(
            _admin.InspectAsync(new() { Key = Bytes.WireOf(key) }, Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>
    /// Replaces the faults in force, for an experiment; <see cref="FaultSet.None"/> mends everything. Every node of the cluster is to be
    /// told the same.
    /// </summary>
    /// <returns>What is in force now.</returns>
    /// <exception cref="InvalidRequestException">
    /// The node does not allow fault injection, or something is out of range: the message names it. Nothing has changed.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A node's number is none.</exception>
    public async Task<FaultSet> SetFaultsAsync(FaultSet faults, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(faults);
        return FaultCodec.FromWire(await CallAsync(
            _admin.SetFaultsAsync(FaultCodec.ToWire(faults), Options(cancellation)), cancellation).ConfigureAwait(false));
    }

    /// <summary>The faults in force, as the node was told last; a clock's offset is what it is by now.</summary>
    public async Task<FaultSet> FaultsAsync(CancellationToken cancellation = default) =>
        FaultCodec.FromWire(await CallAsync(_admin.FaultsAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>The cluster as the node sees it.</summary>
    public async Task<ClusterDescription> DescribeAsync(CancellationToken cancellation = default) =>
        AdminCodec.Description(await CallAsync(
            _data.DescribeAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>Which nodes are to hold what, and what is staged to be so next.</summary>
    public async Task<ClusterLayout> LayoutAsync(CancellationToken cancellation = default) =>
        AdminCodec.Layout(await CallAsync(_admin.LayoutAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>The layout's bytes as nodes keep them: for a node that is to join.</summary>
    public async Task<byte[]> LayoutBytesAsync(CancellationToken cancellation = default) =>
        (await CallAsync(_admin.LayoutAsync(new(), Options(cancellation)), cancellation).ConfigureAwait(false)).Encoded.ToByteArray();

    /// <summary>Stages a node to be added. Nothing moves before <see cref="ApplyLayoutAsync"/>.</summary>
    public Task<ClusterLayout> StageAddAsync(LayoutMember member, CancellationToken cancellation = default) =>
        StageAsync(new() { Add = AdminCodec.ToWire(member) }, cancellation);

    /// <summary>Stages a node to be removed. It keeps what it has until others have taken it.</summary>
    public Task<ClusterLayout> StageRemoveAsync(int node, CancellationToken cancellation = default) =>
        StageAsync(new() { Remove = (uint)node }, cancellation);

    /// <summary>Stages a node to take another one's place, with its capacity and zone.</summary>
    public Task<ClusterLayout> StageReplaceAsync(int old, LayoutMember member, CancellationToken cancellation = default) =>
        StageAsync(new() { Replace = new() { Old = (uint)old, New = AdminCodec.ToWire(member) } }, cancellation);

    /// <summary>
    /// Stages a node that is lost for good to be removed: the others take its slots without it, and its number is never used again.
    /// Writes that it alone had on disk are lost. Refused where the node asked still hears it.
    /// </summary>
    /// <param name="node">The lost node.</param>
    /// <param name="acceptLoss">
    /// Take its slots even where fewer than a majority of a partition's owners, all of other slots, is left: writes acked by a majority
    /// are lost where none of those that acked is left.
    /// </param>
    /// <param name="cancellation">Gives up waiting.</param>
    public Task<ClusterLayout> StageForcedRemoveAsync(int node, bool acceptLoss = false, CancellationToken cancellation = default) =>
        StageAsync(new() { Remove = (uint)node, Force = true, AcceptLoss = acceptLoss }, cancellation);

    /// <summary>
    /// Stages a node to take the place of one that is lost for good, with its capacity and zone. <see cref="StageForcedRemoveAsync"/>
    /// says what may be lost.
    /// </summary>
    /// <param name="old">The lost node.</param>
    /// <param name="member">The node that takes its place.</param>
    /// <param name="acceptLoss">As of <see cref="StageForcedRemoveAsync"/>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public Task<ClusterLayout> StageForcedReplaceAsync(
        int old, LayoutMember member, bool acceptLoss = false, CancellationToken cancellation = default) =>
        StageAsync(
            new() { Replace = new() { Old = (uint)old, New = AdminCodec.ToWire(member) }, Force = true, AcceptLoss = acceptLoss },
            cancellation);

    /// <summary>Stages another capacity and zone of a node.</summary>
    public Task<ClusterLayout> StageSetAsync(int node, int capacity, string zone, CancellationToken cancellation = default) =>
        StageAsync(new() { Set = new() { Id = (uint)node, Capacity = (uint)capacity, Zone = zone } }, cancellation);

    /// <summary>Takes back all that is staged.</summary>
    public Task<ClusterLayout> ResetStagedAsync(CancellationToken cancellation = default) =>
        StageAsync(new() { Reset = new() }, cancellation);

    /// <summary>Makes what is staged the cluster's layout: slots begin to move.</summary>
    /// <param name="version">The version it is to become: refused where another change came first. 0: whatever is next.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<ClusterLayout> ApplyLayoutAsync(long version = 0, CancellationToken cancellation = default) =>
        AdminCodec.Layout(await CallAsync(
            _admin.ApplyLayoutAsync(new() { Version = (ulong)version }, Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>Has the node mend its replicas. How far it is <see cref="StatusAsync"/> says.</summary>
    /// <param name="partitions">Which; none: all that it has.</param>
    /// <param name="acceptLoss">
    /// False: their state is taken anew from other owners that serve. True: what is intact of a damaged journal is served, and what was
    /// damaged and no other owner has is lost.
    /// </param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<IReadOnlyList<PartitionRepair>> RepairAsync(
        IEnumerable<int>? partitions = null, bool acceptLoss = false, CancellationToken cancellation = default)
    {
        var request = new Wire.RepairRequest { AcceptLoss = acceptLoss };
        request.Partitions.AddRange((partitions ?? []).Select(static partition => (uint)partition));
        return AdminCodec.Repairs(await CallAsync(_admin.RepairAsync(request, Options(cancellation)), cancellation).ConfigureAwait(false));
    }

    /// <summary>
    /// A backup of one partition that the node holds: its state at one clock, or what changed since an earlier backup. It is made as it is
    /// read, while the node goes on working. One whose last piece has no end is none: begin it anew, at another owner where this one
    /// failed.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="since">The end of an earlier backup; null for everything.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidRequestException">The node does not hold the partition, or does not serve it now.</exception>
    public IAsyncEnumerable<BackupPiece> BackupAsync(
        int partition, BackupEnd? since = null, CancellationToken cancellation = default) =>
        PiecesAsync(BackupCodec.Request(partition, since), cancellation);

    private async IAsyncEnumerable<BackupPiece> PiecesAsync(
        Wire.BackupRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = _admin.Backup(request, cancellationToken: cancellation);
        while (await NextAsync(call.ResponseStream, cancellation).ConfigureAwait(false))
            yield return BackupCodec.Piece(call.ResponseStream.Current);
    }

    // A node that is gone says nothing: so each piece has to come within the timeout of a call, and the time a node has for a slice.
    private async Task<bool> NextAsync(IAsyncStreamReader<Wire.BackupPiece> stream, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_timeout + SliceTimeout);
        try
        {
            return await stream.MoveNext(patience.Token).ConfigureAwait(false);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Cancelled && !cancellation.IsCancellationRequested)
        {
            throw new TimedOutException(
                $"The node at {Endpoint} sent no piece of its backup for {(_timeout + SliceTimeout).TotalSeconds:0.###} s.",
                inner: failure);
        }
        catch (RpcException failure)
        {
            throw Failure(failure, cancellation);
        }
    }

    private async Task<ClusterLayout> StageAsync(Wire.LayoutChange change, CancellationToken cancellation) =>
        AdminCodec.Layout(await CallAsync(_admin.StageLayoutAsync(change, Options(cancellation)), cancellation).ConfigureAwait(false));

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _channel.Dispose();

    private CallOptions Options(CancellationToken cancellation) =>
        new(deadline: DateTime.UtcNow + _timeout, cancellationToken: cancellation);

    private async Task<T> CallAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellation)
    {
        try
        {
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException failure)
        {
            throw Failure(failure, cancellation);
        }
    }

    private ConnectionException NoAnswer(RpcException failure) => new(
        $"No node answers at {Endpoint}: {_distrust ?? NodeChannel.Reason(failure, new Uri(Endpoint))}.", inner: failure);

    private Exception Failure(RpcException failure, CancellationToken cancellation) => failure.StatusCode switch
    {
        StatusCode.Cancelled when cancellation.IsCancellationRequested =>
            new OperationCanceledException("The caller gave up.", failure, cancellation),
        StatusCode.Unavailable => NoAnswer(failure),
        StatusCode.Internal when NodeChannel.IsOfTls(failure) => NoAnswer(failure),
        StatusCode.DeadlineExceeded =>
            new TimedOutException($"The node at {Endpoint} did not answer within {_timeout.TotalSeconds:0.###} s.", inner: failure),
        StatusCode.PermissionDenied => new PermissionDeniedException(failure.Status.Detail, inner: failure),
        StatusCode.Unauthenticated => new AuthenticationFailedException(failure.Status.Detail, inner: failure),
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.NotFound =>
            new InvalidRequestException(failure.Status.Detail, inner: failure),
        _ => new GossipdbException(
            $"The node at {Endpoint} answered {failure.StatusCode}: {failure.Status.Detail}", inner: failure),
    };
}
