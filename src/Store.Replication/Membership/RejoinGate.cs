using System.Text;
using Gossipdb.Crdt.Causality;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Replication.Membership;

/// <summary>How far a replica is on its way back into service.</summary>
public enum ServingState
{
    /// <summary>It coordinates, answers and counts.</summary>
    Serving,

    /// <summary>
    /// It has started, and does not know yet whether it is up to date. It applies and acks. It neither coordinates nor answers.
    /// </summary>
    CatchingUp,

    /// <summary>It holds no slot of its partition, any more or yet.</summary>
    WithoutSlot,

    /// <summary>It has lost memory, or never had any. It takes a whole image, and does nothing else until then.</summary>
    NeedsImage,
}

/// <summary>
/// Keeps a replica that has just started from answering with less than its node once knew (hard cases 3 and 11; recovery in Liskov,
/// Cowling, "Viewstamped replication revisited", 2012, section 4.3).
/// <para>A replica with a journal asks the owners within reach what they last heard of its node to be on disk. It serves once it covers
/// that. Where nobody is within reach, it serves after a moment.</para>
/// <para>A replica that does not cover that takes its place anew. So does one without a journal, which cannot be told from one whose disk
/// was wiped. It waits to hear a majority of N, all of other slots, and to cover all that they have. (At the very first start of a cluster
/// they are all empty.)</para>
/// <para>A replica that does not cover what the others have collected at takes a whole image.</para>
/// <para>A node that others know to hold a slot, and that knows nothing of it, takes it anew by force
/// (<see cref="Slots.ForcedTakeover"/>). It holds none until then.</para>
/// <para>A replica whose journal is damaged takes its place anew as well. It also needs a witness: an owner that serves, and so vouches
/// for what it has. Others who have lost their memory are none, and they need one too where they were told anything by a damaged replica.
/// Where there is no witness, nobody serves until an operator accepts the loss.</para>
/// <para>A replica that an operator has rebuilt has lost nothing by that. It needs an owner that serves, and that has all that it has or
/// comes nearer to that. Where there is none within reach, it gives up, and begins with what it has as after a start. The owner of the
/// lowest slot does so first, and the others, who may be rebuilt as well, take theirs from it.</para>
/// </summary>
internal sealed class RejoinGate(PartitionState state, PeerKnowledge peers)
{
    private readonly record struct Answer(ReplicaId Teller, VersionVector Applied, bool IsServing, bool IsDamaged);

    private const long AloneAfterMs = 1_000;
    private const long ExchangeEveryMs = 200;

    // For each slot, all that its holder had applied when it answered, and the incarnation that answered. What that had in memory may have
    // died with it.
    private readonly Answer[] _told = new Answer[peers.Slots.Length];
    private ServingState _holderState = ServingState.Serving;
    private bool _isNew;
    private bool _acceptsLoss;

    // Whether the image that is needed is wanted by an operator alone; since when nothing came nearer to one; and how many changes of this
    // replica each owner was last known to lack.
    private bool _isRebuild;
    private long _noGiverSinceMs;
    private readonly long[] _lacking = new long[peers.Slots.Length];

    // Whether a snapshot or another whole image lies behind the last record that says that the replica has served.
    private bool _isServedBeforeImage;
    private long _aloneAtMs;
    private long _nextExchangeMs;

    /// <summary>How far the replica is. It coordinates and answers only while it is serving.</summary>
    public ServingState State => peers.OwnSlot < 0 || peers.Lost.IsSelfLost ? ServingState.WithoutSlot : _holderState;

    /// <summary>
    /// True where events may be applied to the state. What a newcomer is to build on comes as an image. A node that has given up its slot
    /// takes nothing more: its successor has what it had then, and it is not asked before a stable cut (hard case 3).
    /// </summary>
    public bool HasState => State is not (ServingState.NeedsImage or ServingState.WithoutSlot);

    /// <summary>Whether the replica ever served, as far as its journal says. If so, an empty state is not a lost one.</summary>
    public bool HasServed { get; private set; }

    /// <summary>Why what the journal holds cannot be vouched for, in words for people; null where it can.</summary>
    public string? Damage { get; private set; }

    /// <summary>
    /// True of a replica that has all that it had while it served, also where it holds no slot any more. A node whose disk was wiped has
    /// not.
    /// </summary>
    public bool VouchesForState => (HasServed || _acceptsLoss || _holderState == ServingState.Serving) && Damage is null;

    /// <summary>
    /// True once the replica has been mended, until its journal is replaced by a snapshot.
    /// </summary>
    public bool SnapshotWanted { get; set; }

    /// <summary>The slots, as bits, whose holders are lost and need not be heard.</summary>
    public ulong Excused { get; set; }

    /// <summary>The owner that told what is missing here. It is asked first for an image.</summary>
    public NodeId ImageFrom { get; private set; }

    /// <summary>True where the last rebuild was given up, because no owner within reach had an image to give.</summary>
    public bool IsRebuildGivenUp { get; private set; }

    /// <summary>Why the replica does not serve, in words for people; null while it does.</summary>
    public string? Reason => State switch
    {
        ServingState.Serving => null,
        ServingState.WithoutSlot when peers.Lost.IsSelfLost => LostNodes.SelfLostBecause,
        ServingState.WithoutSlot when HasForgottenSlot() => "others know this node to hold a slot, and it has lost its memory of that: "
            + "it takes the slot anew once they have promised it",
        ServingState.WithoutSlot => "this node holds no slot of the partition: its slot has gone to another node, or is on its way here",
        ServingState.NeedsImage when _isRebuild => "this replica is taken anew from another owner, as an operator has asked",
        ServingState.NeedsImage => "this replica has lost what it held, or is new, and takes an image of the others'",
        _ when Damage is { } damage => $"this replica's journal is damaged ({damage}) and "
            + (NeedsWitness() ? "waits for an owner that serves" : "takes what is missing from the other owners"),
        _ => _isNew && !HasHeardEnough()
            ? "this replica holds nothing yet, or has lost something, and waits to hear a majority of the other owners"
            : "this replica has just started and catches up",
    };

    /// <summary>The journal has been read.</summary>
    /// <param name="nowMs">Now.</param>
    public void RecoveryEnded(long nowMs)
    {
        Begin(isNew: !HasServed || Damage is not null, nowMs);

        // A process may have died after an image and before it said behind the image that it has served. What lies before the image is
        // about to go from the journal.
        if (Damage is not null) AppendDamage();
        else if (HasServed && _isServedBeforeImage) AppendServed();
    }

    /// <summary>The journal holds something that is damaged, or lacks something.</summary>
    public void RecoverDamage(string what) => Damage ??= what;

    /// <summary>The journal says that the replica was whole again after what was damaged.</summary>
    public void RecoverMended() => Damage = null;

    /// <summary>An operator accepts the loss of what is damaged here. The replica vouches for what it has from now on.</summary>
    public void AcceptLoss(long nowMs)
    {
        EndDamage();
        _acceptsLoss = true;
        IsRebuildGivenUp = false;
        Begin(isNew: false, nowMs);
        HasServed = false;
    }

    /// <summary>The journal says that the replica has served.</summary>
    public void RecoverServed()
    {
        HasServed = true;
        _isServedBeforeImage = false;
    }

    /// <summary>The journal holds a whole image.</summary>
    public void RecoverWhole() => _isServedBeforeImage = true;

    /// <summary>
    /// Others know that this node has held a slot, and it has forgotten that, or cannot vouch for what it held. So its disk is not the one
    /// it was.
    /// </summary>
    public void ForgottenSlotHeld(long nowMs) => Begin(isNew: true, nowMs);

    /// <summary>
    /// The replica was found to hold something else than the others do, or less than they assumed. Only a whole image helps.
    /// </summary>
    public void LoseMemory(NodeId imageFrom)
    {
        ImageFrom = imageFrom;
        _holderState = ServingState.NeedsImage;
        _isRebuild = false;
    }

    /// <summary>
    /// An operator asks for the state to be taken anew. What is here is kept until the image is whole.
    /// </summary>
    public void Rebuild(NodeId imageFrom, long nowMs)
    {
        LoseMemory(imageFrom);
        Array.Clear(_told);
        Array.Fill(_lacking, long.MaxValue);
        (_isRebuild, _noGiverSinceMs, IsRebuildGivenUp) = (true, nowMs, false);
    }

    /// <summary>Gives up a rebuild where for a while no owner within reach could give an image, or came nearer to that.</summary>
    /// <returns>True where it does so now.</returns>
    public bool TryGiveUpRebuild(long nowMs)
    {
        if (!_isRebuild || State != ServingState.NeedsImage) return false;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && peers.Slots[i].Reachable && NoteGiver(i)) _noGiverSinceMs = nowMs;
        if (nowMs - _noGiverSinceMs < AloneAfterMs * (1 + peers.OwnSlot)) return false;
        Array.Clear(_told);
        Begin(_isNew, nowMs);
        IsRebuildGivenUp = true;
        return true;
    }

    /// <summary>
    /// Takes an owner's answer: what it has applied, what it last heard that this node had on disk, and what it has collected at.
    /// </summary>
    public void Hear(int slot, NodeId node, ClocksMessage clocks)
    {
        if (_holderState == ServingState.Serving || clocks.Remembered is not { } remembered) return;
        _isNew |= !_acceptsLoss && !state.Applied.Covers(remembered);
        _told[slot] = new Answer(clocks.Sender, clocks.Applied, clocks.IsServing, clocks.IsDamaged);
        if (_holderState == ServingState.CatchingUp && !state.Applied.Covers(clocks.StableCutClock!)) LoseMemory(node);
    }

    /// <summary>
    /// A slot was taken over, with all that its holder had. The journal has to say that this replica serves before it says whose slot that
    /// is. Else a process that died between the two would begin with a slot and as if it had lost its memory.
    /// </summary>
    public void TookOver()
    {
        HasServed = true;
        if (Damage is not null) EndDamage();
        _isNew = false;
        _holderState = ServingState.Serving;
        AppendServed();
    }

    /// <summary>Another node holds the slot. It has yet to answer.</summary>
    public void HolderChanged(int slot) => _told[slot] = default;

    /// <summary>A whole image was taken.</summary>
    public void ImageTaken() => _holderState = ServingState.CatchingUp;

    /// <summary>True where it is time to ask the owners, or to ask them again.</summary>
    public bool IsExchangeDue(long nowMs)
    {
        if (_holderState == ServingState.Serving || nowMs < _nextExchangeMs) return false;
        _nextExchangeMs = nowMs + ExchangeEveryMs;
        return true;
    }

    /// <summary>
    /// True where an owner is to be asked: it has yet to answer, or it may be a witness by now where one is needed, or may serve no more
    /// where an image is.
    /// </summary>
    public bool HasToAsk(int slot) =>
        HasToHear(slot) || (_isRebuild && _holderState == ServingState.NeedsImage) || (!_told[slot].IsServing && NeedsWitness());

    /// <summary>True where the owner has yet to answer in its present incarnation.</summary>
    public bool HasToHear(int slot) => _told[slot].Applied is null || _told[slot].Teller != peers.Slots[slot].Replica;

    /// <summary>How many others a node without memory has to hear: a majority of N, or fewer where lost ones are excused.</summary>
    /// <param name="own">The node's own slot, as a bit; 0 where it holds none.</param>
    public int NeededBeside(ulong own) =>
        Math.Min(peers.Slots.Length - System.Numerics.BitOperations.PopCount(Excused | own), (peers.Slots.Length / 2) + 1);

    /// <summary>Begins to serve where the replica may by now.</summary>
    public void ServeWherePossible(long nowMs)
    {
        if (peers.OwnSlot < 0 || peers.Lost.IsSelfLost || !TryServe(nowMs) || (HasServed && Damage is null)) return;
        if (Damage is not null) EndDamage();
        HasServed = true;
        AppendServed();
    }

    /// <summary>
    /// Journals anew that the replica has served, or that it is damaged. What lies before an image goes from the journal.
    /// </summary>
    public void AppendServedAgain()
    {
        if (Damage is not null) AppendDamage();
        else if (HasServed) AppendServed();
    }

    private void Begin(bool isNew, long nowMs)
    {
        _isNew = isNew;
        _aloneAtMs = nowMs + AloneAfterMs;
        _holderState = ServingState.CatchingUp;
    }

    private void EndDamage()
    {
        Damage = null;
        SnapshotWanted = true;
    }

    private void AppendDamage()
    {
        var what = Encoding.UTF8.GetBytes(Damage!);
        var record = new byte[1 + what.Length];
        record[0] = (byte)JournalRecordKind.Damaged;
        what.CopyTo(record, 1);
        state.Append(record, isAwaited: false);
    }

    private void AppendServed() => state.Append([(byte)JournalRecordKind.Served], isAwaited: false);

    private bool TryServe(long nowMs)
    {
        if (_holderState != ServingState.CatchingUp || !HasHeardEnough(nowMs)) return false;
        if (_isNew && (!CoversEnough() || NeedsWitness())) return false;
        (_holderState, _isNew) = (ServingState.Serving, false);
        return true;
    }

    private bool HasHeardEnough(long nowMs)
    {
        if (_isNew) return HasHeardEnough();
        var all = true;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || !HasToHear(i)) continue;
            if (peers.Slots[i].Reachable) return false;
            all = false;
        }

        return all || nowMs >= _aloneAtMs;
    }

    private bool HasHeardEnough()
    {
        var heard = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
            if (i != peers.OwnSlot && !HasToHear(i)) heard++;
        return heard >= NeededBeside(peers.OwnBit);
    }

    // It must cover what a majority told, and what everybody within reach told. If an owner told of more and is gone, that need not be
    // waited for.
    private bool CoversEnough()
    {
        var covered = 0;
        for (var i = 0; i < peers.Slots.Length; i++)
        {
            if (i == peers.OwnSlot || HasToHear(i)) continue;
            if (state.Applied.Covers(_told[i].Applied)) covered++;
            else if (peers.Slots[i].Reachable) return false;
        }

        return covered >= NeededBeside(peers.OwnBit);
    }

    // An image may not take back what is here. So its giver has to have all of it, or to come nearer to that from one look to the next.
    private bool NoteGiver(int slot)
    {
        if (HasToHear(slot)) return true;
        if (!_told[slot].IsServing) return false;
        var lacking = state.Applied.ChangesMissingFrom(_told[slot].Applied);
        var isNearer = lacking < _lacking[slot];
        _lacking[slot] = lacking;
        return lacking == 0 || isNearer;
    }

    private bool HasForgottenSlot()
    {
        for (var i = 0; i < peers.Slots.Length; i++)
            if (peers.IsForgotten(i)) return true;
        return false;
    }

    // Where damage is about, and nobody who vouches for what it has was heard.
    private bool NeedsWitness()
    {
        var isDamaged = Damage is not null;
        for (var i = 0; i < _told.Length; i++)
        {
            if (i == peers.OwnSlot || HasToHear(i)) continue;
            if (_told[i].IsServing) return false;
            isDamaged |= _told[i].IsDamaged;
        }

        return isDamaged;
    }
}
