using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gossipdb.Node.Dashboard;

/// <summary>What the pages are told and send, as JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(SessionShown))]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(ClusterShown))]
[JsonSerializable(typeof(PartitionsShown))]
[JsonSerializable(typeof(IReadOnlyList<LivePoint>))]
[JsonSerializable(typeof(IReadOnlyList<Happening>))]
[JsonSerializable(typeof(KeysShown))]
[JsonSerializable(typeof(KeyShown))]
[JsonSerializable(typeof(Change))]
[JsonSerializable(typeof(ChangeShown))]
[JsonSerializable(typeof(FaultsShown))]
[JsonSerializable(typeof(FaultsTold))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ControlOrder))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(LabShown))]
[JsonSerializable(typeof(NodeOrder))]
[JsonSerializable(typeof(ScenarioWanted))]
internal sealed partial class DashboardJson : JsonSerializerContext;

/// <summary>Why a call was refused.</summary>
internal sealed record Refusal(string Error);

/// <summary>Who looks, at which node.</summary>
/// <param name="Node">The node that serves the page.</param>
/// <param name="Version">Its version.</param>
/// <param name="Authentication">Whether callers must log in.</param>
/// <param name="User">Who looks; null where nobody is asked.</param>
/// <param name="Rights">What that user may, as the command line writes it.</param>
/// <param name="Operates">Whether that user sees the cluster.</param>
/// <param name="Experiments">Whether there is a lab, and that user may use it.</param>
internal sealed record SessionShown(
    int Node, string Version, bool Authentication, string? User, IReadOnlyList<string> Rights, bool Operates, bool Experiments);

/// <summary>A login by the page's form.</summary>
internal sealed record Login(string? User, string? Password);

/// <summary>The cluster at a moment, but for its partitions.</summary>
internal sealed record ClusterShown(
    long At,
    int Node,
    int Partitions,
    int Replication,
    long LayoutVersion,
    IReadOnlyList<NodeShown> Nodes,
    IReadOnlyList<LinkShown> Links,
    FaultsShown Faults,
    StagedShown? Staged);

/// <summary>A node. Of one that does not answer only the number, the endpoint and the problem are known.</summary>
internal sealed record NodeShown(int Id, string Endpoint)
{
    /// <summary>Why it does not say how it is; null where it does.</summary>
    public string? Problem { get; init; }

    public bool Ready { get; init; }
    public string? Trouble { get; init; }
    public bool RefusesWrites { get; init; }
    public string? Version { get; init; }
    public int Process { get; init; }
    public long UptimeMs { get; init; }
    public long Keys { get; init; }

    /// <summary>How many partitions it owns by the layout, and of how many it holds a replica.</summary>
    public int Owns { get; init; }
    public int Holds { get; init; }

    /// <summary>What it holds for absent owners, as bytes and changes, and how many partitions it could serve in their place.</summary>
    public long HeldBytes { get; init; }
    public long HeldChanges { get; init; }
    public int StandsInFor { get; init; }
    public long InFlightBytes { get; init; }
    public long RepairPerSecond { get; init; }
    public long? ClockAheadMs { get; init; }
    public long ClockUncertaintyMs { get; init; }
    public string? Zone { get; init; }
    public int Capacity { get; init; }

    /// <summary>Calls of clients a second that it answers, and how many of them fail.</summary>
    public double Rate { get; init; }
    public double FailedRate { get; init; }
}

/// <summary>What one node knows of its link to another one.</summary>
/// <param name="From">The node that says so.</param>
/// <param name="To">The other one.</param>
/// <param name="Reachable">Whether it is within reach.</param>
/// <param name="RoundTripMs">There and back; null where it is not known.</param>
/// <param name="HeardMsAgo">When it was heard last; -1 for never.</param>
/// <param name="WaitingBytes">What waits to be sent.</param>
/// <param name="Dropped">Messages dropped since the start.</param>
internal sealed record LinkShown(int From, int To, bool Reachable, long? RoundTripMs, long HeardMsAgo, long WaitingBytes, long Dropped);

/// <summary>A change of the layout that waits to be applied.</summary>
internal sealed record StagedShown(int Moves, IReadOnlyList<int> Members);

/// <summary>All partitions.</summary>
internal sealed record PartitionsShown(IReadOnlyList<PartitionShown> Parts);

/// <summary>A partition.</summary>
/// <param name="Owners">Who is to own it, in order.</param>
/// <param name="Keys">How many keys it has, of the replica that has most.</param>
/// <param name="Replicas">Who has a replica.</param>
internal sealed record PartitionShown(IReadOnlyList<int> Owners, long Keys, IReadOnlyList<ReplicaShown> Replicas)
{
    /// <summary>Where nodes say that two replicas differ which must not.</summary>
    public string? Alarm { get; init; }
}

/// <summary>One node's replica of a partition.</summary>
/// <param name="Node">The node.</param>
/// <param name="Lag">How many changes it lacks of all that some replica has.</param>
internal sealed record ReplicaShown(int Node, long Lag)
{
    /// <summary>Why it does not serve; null where it does.</summary>
    public string? NotServing { get; init; }

    /// <summary>What becomes of it where the layout has changed; null where it stays.</summary>
    public string? Moving { get; init; }
}

/// <summary>Something that happened, in words.</summary>
/// <param name="Number">Counts up.</param>
/// <param name="At">When it was seen, in Unix milliseconds.</param>
/// <param name="Kind">good, bad, change, or note.</param>
/// <param name="Text">In plain words.</param>
internal sealed record Happening(long Number, long At, string Kind, string Text);

/// <summary>What clients asked in a second or so, of all nodes that answered.</summary>
internal sealed record LivePoint(long At, IReadOnlyList<LiveRow> Rows);

/// <summary>The calls of one level.</summary>
/// <param name="Level">The level.</param>
/// <param name="Write">Whether they write.</param>
/// <param name="Rate">How many a second were done.</param>
/// <param name="P50">Half of them took no longer, in microseconds.</param>
/// <param name="P99">99 % of them took no longer.</param>
/// <param name="Failed">How many a second failed, by the code of the error; null for none.</param>
internal sealed record LiveRow(string Level, bool Write, double Rate, long P50, long P99, IReadOnlyDictionary<string, double>? Failed);

/// <summary>A page of keys.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="Next">Where the next page begins; null where there are no more.</param>
/// <param name="Missing">Partitions that could not be asked, and why.</param>
internal sealed record KeysShown(IReadOnlyList<KeyListed> Keys, string? Next, string? Missing);

/// <summary>A key in a list.</summary>
/// <param name="Id">Its bytes, base64url.</param>
/// <param name="Text">For people.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Partition">Where.</param>
internal sealed record KeyListed(string Id, string Text, string Type, int Partition);

/// <summary>A key, at every owner and at the nodes that were asked besides.</summary>
internal sealed record KeyShown(string Id, string Text, int Partition, IReadOnlyList<int> Owners, IReadOnlyList<KeyAtNode> Nodes);

/// <summary>What a node says of a key.</summary>
internal sealed record KeyAtNode(int Node, bool Owner)
{
    /// <summary>Why it says nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>What a reader gets there with R=one; null where the key holds nothing.</summary>
    public ValueShown? Value { get; init; }

    /// <summary>Why a reader gets nothing there.</summary>
    public string? Unread { get; init; }

    /// <summary>Whose state the answer was, where it was another node's.</summary>
    public int? ReadFrom { get; init; }
    public string? Replica { get; init; }
    public IReadOnlyList<DotShown>? Clock { get; init; }
    public IReadOnlyList<ObjectShown>? Objects { get; init; }

    /// <summary>Until when it lives, in Unix milliseconds; null for ever.</summary>
    public long? Expires { get; init; }
}

/// <summary>An entry of a clock, or a dot.</summary>
internal sealed record DotShown(string Replica, long Sequence);

/// <summary>One object of a key, as a replica holds it.</summary>
internal sealed record ObjectShown(
    string Type, bool Answers, bool Visible, IReadOnlyList<string> Lines, IReadOnlyList<DotShown> LastChange);

/// <summary>A value, for people: one text, a list, or fields.</summary>
/// <param name="Type">The type.</param>
internal sealed record ValueShown(string Type)
{
    public string? Text { get; init; }
    public IReadOnlyList<string>? Items { get; init; }
    public IReadOnlyList<FieldShown>? Fields { get; init; }

    /// <summary>How many there are beside those shown.</summary>
    public int More { get; init; }
}

/// <summary>A field of a map, or a member with its score.</summary>
internal sealed record FieldShown(string Name, ValueShown Value);

/// <summary>A change of a key that a page asks for.</summary>
internal sealed record Change(string? Id, string? Key, string? Type, string? Action, string? Value, int Node, string? Level);

/// <summary>What became of it.</summary>
/// <param name="Done">Whether it is acknowledged.</param>
/// <param name="Text">In words.</param>
/// <param name="Code">The error's code; null where it was done.</param>
/// <param name="Nodes">Who acknowledged it.</param>
internal sealed record ChangeShown(bool Done, string Text, string? Code, IReadOnlyList<int> Nodes);

/// <summary>The faults of an experiment.</summary>
internal sealed record FaultsShown(
    IReadOnlyList<LinkFaultShown>? Links, IReadOnlyList<ClockFaultShown>? Clocks, IReadOnlyList<DiskFaultShown>? Disks);

/// <summary>Of everything that one node sends to another. Times in milliseconds.</summary>
internal sealed record LinkFaultShown(
    int From, int To, bool Cut, double DelayMs, double JitterMs, double Loss, long BytesPerSecond, double EveryMs, double ForMs);

/// <summary>Of a node's clock.</summary>
internal sealed record ClockFaultShown(int Node, long OffsetMs, double Drift);

/// <summary>Of a node's disk.</summary>
internal sealed record DiskFaultShown(int Node, bool Full, double SlowMs);

/// <summary>The nodes that could not be told of faults, and why.</summary>
internal sealed record FaultsTold(IReadOnlyDictionary<int, string> Missing);

/// <summary>What the lab's page is told of the processes, and of the run of a scenario.</summary>
/// <param name="Problem">Why nobody takes orders; null where somebody does.</param>
/// <param name="Processes">The nodes' processes.</param>
/// <param name="Run">The run that goes on, or else the last one, as whoever runs it tells it; null where there was none.</param>
internal sealed record LabShown(string? Problem, IReadOnlyList<ProcessShown> Processes, JsonElement? Run);

/// <summary>A node's process.</summary>
/// <param name="Node">The node.</param>
/// <param name="State">running, paused, stopped, killed, or ended.</param>
/// <param name="Process">Its id, of the last one where it is down.</param>
/// <param name="Dashboard">Where its dashboard is; null where that is not known.</param>
/// <param name="Serves">Whether it serves this page.</param>
internal sealed record ProcessShown(int Node, string State, int Process, string? Dashboard, bool Serves);

/// <summary>An order of a page to a node's process: kill, pause, resume, or start.</summary>
internal sealed record NodeOrder(string Order, int Node);

/// <summary>A scenario that a page wants to be run.</summary>
internal sealed record ScenarioWanted(string? Scenario);
