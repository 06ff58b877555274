using System.Numerics;
using Gossipdb.Crdt.Causality;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Partitions;
using Gossipdb.Replication.Contract;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Server;

/// <summary>Receipts and refusals, as the contract has them.</summary>
internal sealed class Replies(NodeSettings settings, PartitionDirectory partitions)
{
    /// <summary>Who took part, this node first, and the clock; empty where there was nothing to see.</summary>
    public Protocol.Receipt Receipt(
        Protocol.Level? level, int partition, ClockView clock, ulong slots, int required, IReadOnlyList<NodeId>? standIns)
    {
        var receipt = new Protocol.Receipt { Clock = Wire.ToClock(partition, clock), Required = (uint)required, Level = level };
        var owners = partitions.Placement.HoldersOf(partition);
        var self = settings.Id;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var slot = 0; slot < owners.Count; slot++)
                if ((slots & (1UL << slot)) != 0 && (owners[slot] == self) == (pass == 0)) receipt.Nodes.Add((uint)owners[slot].Value);
        }

        for (var i = 0; i < standIns?.Count; i++) receipt.StandIns.Add((uint)standIns[i].Value);
        return receipt;
    }

    /// <summary>The refusal of a write, in one sentence with its numbers.</summary>
    public Protocol.Reply Refusal(ulong id, int partition, WriteRequest request, in WriteResult result) =>
        Refusal(id, partition, request, result.Outcome, result.AckedSlots, result.Reachable, result.Message, result.Clock, result.StandIns);

    /// <summary>The refusal of a read.</summary>
    public Protocol.Reply Refusal(ulong id, int partition, ReadRequest request, in ReadResult result) =>
        Refusal(
            id, partition, request, result.Outcome, result.AnsweredSlots, result.Reachable, result.Message, result.Clock, result.StandIns);

    /// <summary>The refusal of a read that was done, and whose answer cannot be made.</summary>
    public Protocol.Reply Refusal(ulong id, int partition, ReadRequest request, in ReadResult result, Outcome because, string message) =>
        Refusal(id, partition, request, because, result.AnsweredSlots, result.Reachable, message, clock: default, standIns: null);

    private Protocol.Reply Refusal(
        ulong id,
        int partition,
        ClientRequest request,
        Outcome outcome,
        ulong slots,
        int reachable,
        string? message,
        ClockView clock,
        IReadOnlyList<NodeId>? standIns)
    {
        var owners = partitions.Layout.Replication;
        var acked = BitOperations.PopCount(slots) + (standIns?.Count ?? 0);
        var quorum = request is WriteRequest ? "W" : "R";
        var (code, text) = outcome switch
        {
            Outcome.Unavailable => (Protocol.ErrorCode.Unavailable,
                $"{quorum}={request.Required} of {owners} replicas needed, {reachable} within reach of node "
                + $"{settings.Id}{(message is null ? "" : $" ({message})")}; nothing was {(quorum == "W" ? "applied" : "read")}"),
            Outcome.NotServing =>
                (Protocol.ErrorCode.Unavailable, $"{message} (node {settings.Id}); nothing was {(quorum == "W" ? "applied" : "read")}"),
            Outcome.Indeterminate => (Protocol.ErrorCode.Indeterminate,
                $"applied, but only {acked} of W={request.Required} replicas acked in time; the write may still reach all of them"),
            Outcome.TimedOut => (Protocol.ErrorCode.Timeout, $"only {acked} of R={request.Required} replicas answered in time"),
            Outcome.WrongType => (Protocol.ErrorCode.WrongType, message!),
            Outcome.Expired => (Protocol.ErrorCode.Expired, message!),
            Outcome.SessionUnavailable => (Protocol.ErrorCode.SessionUnavailable, message!),
            Outcome.SessionLost => (Protocol.ErrorCode.SessionLost, message!),
            Outcome.Stale => (Protocol.ErrorCode.Stale, message!),
            Outcome.Overloaded => (Protocol.ErrorCode.Overloaded, message!),
            Outcome.InsufficientRights => (Protocol.ErrorCode.InsufficientRights, message!),
            Outcome.InvalidArgument => (Protocol.ErrorCode.InvalidArgument, message!),
            Outcome.TooLarge => (Protocol.ErrorCode.TooLarge, $"{message}; nothing was applied"),
            Outcome.Internal =>
                (Protocol.ErrorCode.Internal, $"{message} (node {settings.Id}); nothing was {(quorum == "W" ? "applied" : "read")}"),
            _ => throw new InvalidOperationException($"no reply for {outcome}"),
        };
        var error = new Protocol.Error
        {
            Code = code,
            Message = text,
            Required = (uint)request.Required,
            Reachable = (uint)reachable,
            Acked = (uint)acked,
        };
        if (outcome == Outcome.SessionLost) error.Lost.Add(Wire.ToClock(partition, clock).Entries);
        return new Protocol.Reply { Id = id, Error = error };
    }
}
