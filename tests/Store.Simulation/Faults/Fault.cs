namespace Gossipdb.Simulation.Faults;

/// <summary>Deliberate faults behind the simulator's own seams: each must be caught by a checker, or the checkers prove nothing.</summary>
public enum Fault
{
    None,

    /// <summary>The disk reports appends as durable before they are.</summary>
    LyingDisk,

    /// <summary>A restarted node takes the identity of its earlier life, and goes on from what its disk holds.</summary>
    ReusedReplicaId,

    /// <summary>Answers to fetches never arrive: what was lost on the wire is never repaired.</summary>
    NoRepair,

    /// <summary>
    /// Owners are believed to have told their clocks later than they did: expired keys are reaped under a longer life given elsewhere.
    /// </summary>
    EarlyReaping,

    /// <summary>The second half of every journal is lost at a crash, whatever was reported.</summary>
    LossyDisk,

    /// <summary>A replica acks events when they arrive, and applies them a while later.</summary>
    AcksBeforeApplying,

    /// <summary>Events are applied as they arrive, whatever they depend on.</summary>
    NoCausalDelivery,

    /// <summary>An image arrives with a piece of it missing: what came between is not in it.</summary>
    TornImage,

    /// <summary>What a remove removes is left out at one replica.</summary>
    LostRemove,

    /// <summary>What is stable is decided without an owner that is not within reach.</summary>
    StableWithoutAbsent,

    /// <summary>A replica that has just started serves at once, whatever it has lost.</summary>
    NoRejoining,

    /// <summary>A coordinator takes what peers applied for what they journaled.</summary>
    AppliedForDurable,

    /// <summary>Clients name each attempt of an increment anew, as if operation ids did not exist.</summary>
    NoOperationIds,

    /// <summary>What should be one batch is sent as a write of each key.</summary>
    TornBatches,

    /// <summary>Nodes believe that no time passes between a question and its use: what they know of the others never gets old.</summary>
    StoppedSteadyClock,

    /// <summary>A node that the layout gives a slot to takes itself for its holder at once.</summary>
    EarlyOwner,

    /// <summary>A lost node's slot is taken without asking those who hold the others.</summary>
    ForcedWithoutPromises,

    /// <summary>What a stand-in holds does not outlive its process.</summary>
    ForgetfulStandIn,

    /// <summary>A process that starts uses the rights that the earlier life of its node had left, as far as its disk knows.</summary>
    EarlyHeir,

    /// <summary>A stand-in takes calls without having promised to build on what is stable.</summary>
    UnpromisedStandIn,

    /// <summary>A stand-in that takes calls builds on what it was given to hold, as if it had seen that.</summary>
    MixedRoles,

    /// <summary>Clients read without the token of what they wrote.</summary>
    NoTokens,

    /// <summary>Clients write without the token of what they read.</summary>
    WritesForgetReads,

    /// <summary>The cursor of a page is one key further than the page.</summary>
    SkippingCursor,

    /// <summary>An owner that is asked for the sake of a scan says that it knows nothing more.</summary>
    UnansweredScans,

    /// <summary>A watch that goes on is told what changes from now on, and not what has changed since its token.</summary>
    WatchBeginsNow,

    /// <summary>A watcher that is cut off goes on from its last token though it was shown more than that covers.</summary>
    ShortWatchToken,

    /// <summary>What is stable is decided without asking the stand-ins.</summary>
    UnaskedStandIns,

    /// <summary>
    /// The first owner decides what is stable by what the others know of what it has itself, whatever else they have told.
    /// </summary>
    NaiveStableCut,

    /// <summary>Owners do not tell the digests of their states.</summary>
    NoDigests,

    /// <summary>The answer to a read of several keys brings all of them but the last.</summary>
    TornReads,

    /// <summary>An owner that is far behind counts for writes as any other.</summary>
    LaggardsCount,

    /// <summary>An event is not applied where the key holds another type.</summary>
    RefusedType,

    /// <summary>A stand-in's log has no budget.</summary>
    UnboundedLog,

    /// <summary>A write that fails halfway keeps the dot it had drawn.</summary>
    FailureTakesDot,

    /// <summary>Durations are measured by wall clocks, and time never goes back.</summary>
    WallClockDurations,

    /// <summary>Whether an operation's deadline has passed is decided by the wall clock of the node it comes to.</summary>
    DeadlinesByOwnClock,

    /// <summary>Whether a key's life is over is decided by the wall clock of the node that looks.</summary>
    ExpiryByOwnClock,

    /// <summary>The first slice of a snapshot reaches the disk, and its end, and nothing between.</summary>
    TornSnapshot,

    /// <summary>
    /// A node that hears of a slot before it has read its journal opens the partition as new, and loses what the journal then brings.
    /// </summary>
    OpenedWhileReading,

    /// <summary>A node opens its partitions when the first pass over its journal ends, whichever of them it was for.</summary>
    OpenedAfterAnothersPass,

    /// <summary>What the journal confirms late to a replica that was dropped, its successor takes as its own.</summary>
    LateConfirmation,

    /// <summary>A replica that was dropped takes messages and appends to the journal.</summary>
    DroppedReplicaAppends,

    /// <summary>Records of the journal have no checksums: what is damaged is read as it stands.</summary>
    DamageUnnoticed,

    /// <summary>No node hears that another one's journal takes nothing any more.</summary>
    RefusingJournalsCount,

    /// <summary>What is restored again is named anew: it counts once more.</summary>
    RenamedRestores,

    /// <summary>A restore brings a key back to what it was, and takes away what it holds by then.</summary>
    RestoreReplaces,
}
