using Gossipdb.Node.Partitions;
using Gossipdb.Node.Tracing;
using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Server;

/// <summary>The replica's requests, with whom to answer.</summary>
internal static class NodeRequests
{
    /// <summary>A write on its way through a partition.</summary>
    public sealed class Write : PartitionWrite
    {
        public required ServerCall Call { get; init; }

        public override TracedCall? Trace => Call.Trace;

        public override void Answer(int partition, in WriteResult result) => Call.Answer(partition, this, result);

        public override void PartEnded() => Call.PartEnded(this);
    }

    /// <summary>A read on its way through a partition.</summary>
    public sealed class Read : PartitionRead
    {
        public required ServerCall Call { get; init; }

        /// <summary>What of the object is asked for; null where whole values of several are.</summary>
        public required Protocol.Read? Part { get; init; }

        public override TracedCall? Trace => Call.Trace;

        public override void PartEnded() => Call.PartEnded(this);

        public override void Answer(int partition, in ReadResult result)
        {
            Protocol.Reply? reply;
            try
            {
                reply = ToReply(partition, result);
            }
            catch (Exception unforeseen)
            {
                Call.Fail(
                    $"partition {partition}",
                    $"the answer to a read of {(result.State is { } state ? $"a {state.Type}" : "several keys")}",
                    unforeseen);
                return;
            }

            if (reply is not null) Call.Complete(reply);
        }

        // Null where it is answered otherwise: by another owner, or once there is room.
        private Protocol.Reply? ToReply(int partition, in ReadResult result)
        {
            if (result.Outcome == Outcome.NotServing && Call.TryReroute(partition)) return null;
            if (result.Outcome != Outcome.Done)
                return Call.Replies.Refusal(Call.Id, partition, this, result);
            if (!Call.TryMakeRoom(WireReads.ApproximateBytes(result, Part))) return null;
            var reply = new Protocol.Reply
            {
                Id = Call.Id,
                Receipt = Call.Replies.Receipt(Call.Level, partition, result.Seen, result.AnsweredSlots, Required, result.StandIns),
            };
            try
            {
                if (result.Page is { } page) reply.Scanned = WireScans.ToKeys(page);
                else if (Part is null) reply.Values = WireReads.ToValues(result.States!);
                else reply.Value = WireReads.ToValue(result, Part);
                return reply;
            }
            catch (WrongTypeException wrong)
            {
                return Call.Replies.Refusal(Call.Id, partition, this, result, Outcome.WrongType, wrong.Message);
            }
            catch (TooLargeException tooLarge)
            {
                return new Protocol.Reply
                {
                    Id = Call.Id,
                    Error = new Protocol.Error { Code = Protocol.ErrorCode.TooLarge, Message = tooLarge.Message },
                };
            }
            catch (ArgumentException wrong)
            {
                return Call.Replies.Refusal(Call.Id, partition, this, result, Outcome.InvalidArgument, wrong.Message);
            }
        }
    }
}
