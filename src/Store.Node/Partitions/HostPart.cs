using Akka.Actor;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Partitions;

/// <summary>
/// What a partition and a fallback share. Requests, messages of other nodes, time and what the journal confirms are handled on the thread
/// that brings them. Everything else comes through the part's actor (<see cref="PartActor"/>). Both ways lead through the lane. What a
/// turn made leaves as one batch of about an envelope at most. A damaged message of another node is dropped; whatever else goes wrong
/// ends the node.
/// </summary>
internal abstract class HostPart : LaneMember
{
    /// <summary>The journal has been read to its end.</summary>
    public sealed record JournalRead
    {
        public static readonly JournalRead Instance = new();
    }

    /// <summary>There is another layout.</summary>
    public sealed record LayoutChanged
    {
        public static readonly LayoutChanged Instance = new();
    }

    /// <summary>A node came within reach or went out of it.</summary>
    public sealed record Reachability(NodeId Node, bool Reachable);

    private readonly int _journal;
    private IActorRef _actor = ActorRefs.Nobody;
    private bool _hasEnded;

    /// <param name="environment">What the part needs of its node.</param>
    /// <param name="directory">Where it is found.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="journal">The number of its journal.</param>
    protected HostPart(PartitionEnvironment environment, PartitionDirectory directory, int partition, int journal)
        : base(environment.Lanes.Of(partition), directory.NameOf(journal)) =>
        (Environment, Directory, Partition, _journal) = (environment, directory, partition, journal);

    /// <summary>The actor that brings what is not brought here directly.</summary>
    public IActorRef Actor => _actor;

    protected PartitionEnvironment Environment { get; }

    protected PartitionDirectory Directory { get; }

    protected int Partition { get; }

    protected long NowMs => Environment.Clock.SteadyMs;

    /// <summary>The bytes that wait to leave.</summary>
    protected abstract int PendingBytes { get; }

    /// <summary>Gives the part its actor. Before anything else.</summary>
    /// <param name="start">Starts the actor.</param>
    public void Start(Func<Props, IActorRef> start) => _actor = start(Props.Create(() => new PartActor(this)));

    /// <summary>Has the actor bring a message, whenever it comes to it.</summary>
    public void Tell(object message) => _actor.Tell(message, ActorRefs.NoSender);

    /// <summary>Executes a client's request.</summary>
    public void Handle(ClientRequest request) => Enter(this, request, static (self, request) =>
    {
        if (self._hasEnded) ((IPartRequest)request).PartEnded();
        else self.Guarded(request, static (self, request) => self.Serve(request));
    });

    /// <summary>Takes a message of another node, or of this one's other part in the partition.</summary>
    /// <param name="from">The node.</param>
    /// <param name="message">The message.</param>
    /// <param name="marks">What of it is traced; null where nothing is.</param>
    public void Handle(NodeId from, PeerMessage message, IReadOnlyList<TraceMark>? marks = null) => Enter(
        this,
        (from, message, marks),
        static (self, arrived) => self.Guarded(
            arrived, static (self, arrived) => self.Take(arrived.from, arrived.message, arrived.marks), arrived.from));

    /// <summary>Takes the journal's confirmation.</summary>
    public void Persisted(ReplicaId incarnation, long position) => Enter(
        this,
        (incarnation, position),
        static (self, durable) => self.Guarded(durable, static (self, durable) => self.Confirm(durable.incarnation, durable.position)));

    /// <summary>Writes an image of the state into the journal, or the first slice of it.</summary>
    public void WriteImage() => Enter(this, false, static (self, _) => self.Guarded(false, static (self, _) => self.BeginImage()));

    /// <summary>Lets time pass.</summary>
    public void Tick() => Enter(this, false, static (self, _) => self.Guarded(false, static (self, _) =>
    {
        self.PassTime();
        self.Environment.Traces.Sweep(self._journal, self.NowMs);
    }));

    /// <summary>Handles a message that the actor brings.</summary>
    internal void HandleOf(IActorRef sender, object message) => Enter(
        this,
        (sender, message),
        static (self, brought) => self.Guarded(brought, static (self, brought) => self.Control(brought.message, brought.sender)));

    /// <summary>The actor has ended, and the part with it.</summary>
    internal void End() => Enter(this, false, static (self, _) =>
    {
        self._hasEnded = true;
        self.Try(false, static (self, _) => self.Ended());
    });

    protected abstract void Serve(ClientRequest request);

    protected abstract void Receive(NodeId from, PeerMessage message);

    /// <summary>Whether an event is applied, or held.</summary>
    protected abstract bool Has(Dot last);

    protected abstract void Confirm(ReplicaId incarnation, long position);

    protected abstract void BeginImage();

    protected abstract void PassTime();

    /// <summary>Handles everything else.</summary>
    protected abstract void Control(object message, IActorRef sender);

    /// <summary>Tells the node what has become different with the last message.</summary>
    protected abstract void Report();

    /// <summary>What was made leaves.</summary>
    protected abstract void Send();

    /// <summary>It is over: whoever still waits is told.</summary>
    protected virtual void Ended()
    {
    }

    protected override void Flush() => Guarded(false, static (self, _) => self.Send());

    /// <summary>What was made leaves with the end of the turn; at once where it is as much as an envelope.</summary>
    protected void SendWithTurn()
    {
        // A message larger than a link's window would never arrive.
        if (PendingBytes >= Environment.Settings.EnvelopeBytes) Send();
        else FlushWithTurn();
    }

    private void Take(NodeId from, PeerMessage message, IReadOnlyList<TraceMark>? marks)
    {
        if (marks is null && Environment.Traces.Open(_journal) is null) Receive(from, message);
        else ReceiveTraced(from, message, marks);
    }

    private void ReceiveTraced(NodeId from, PeerMessage message, IReadOnlyList<TraceMark>? marks)
    {
        var open = Environment.Traces.Follow(_journal);
        open.Received(from, message);
        using (TraceSpan.Enter(marks is null ? null : open.Begin(from, message, marks, NowMs))) Receive(from, message);
        open.Handled(this, static (self, last) => self.Has(last));
    }

    // Once it has ended nothing is done any more.
    private void Guarded<TArg>(TArg arg, Action<HostPart, TArg> work, NodeId from = default)
    {
        if (!_hasEnded) Try(arg, work, from);
    }

    private void Try<TArg>(TArg arg, Action<HostPart, TArg> work, NodeId from = default)
    {
        try
        {
            work(this, arg);
            Report();
        }
        catch (CorruptDataException corrupt) when (from != default)
        {
            Environment.Health.Warn($"{Name} dropped a message of node {from}: {corrupt.Message}");
        }
        catch (Exception unexpected)
        {
            // The state can no longer be vouched for: the node ends and recovers from its journal.
            Environment.Health.Fail($"{Name} failed", unexpected);
            _hasEnded = true;
            Tell(PoisonPill.Instance);
        }
    }
}
