using Gossipdb.Replication.Contract;

namespace Gossipdb.Node.Server;

/// <summary>The replica's requests, with whom to answer.</summary>
internal static class NodeRequests
{
    /// <summary>A write on its way through a partition.</summary>
    public sealed class Write : WriteRequest
    {
        public required Call Call { get; init; }
    }

    /// <summary>A read on its way through a partition.</summary>
    public sealed class Read : ReadRequest
    {
        public required Call Call { get; init; }

        /// <summary>What of the object is asked for; null where whole values of several are.</summary>
        public required Protocol.Read? Part { get; init; }

        /// <summary>Answers. Where the answer cannot be made, for a reason nobody foresaw, this one call fails.</summary>
        public void Answer(int partition, in ReadResult result)
        {
            Protocol.Reply? reply;
            try
            {
                reply = ToReply(partition, result);
            }
            catch (Exception unforeseen)
            {
                Call.Fail($"partition {partition}", $"the answer to a read of {(result.State is { } state ? $"a {state.Type}" : "several keys")}", unforeseen);
                return;
            }

            if (reply is not null) Call.Complete(reply);
        }

        // Null where it is answered otherwise: by another owner, or once there is room.
        private Protocol.Reply? ToReply(int partition, in ReadResult result)
        {
            if (result.Outcome == Outcome.NotServing && Call.TryReroute(partition)) return null;
            if (result.Outcome != Outcome.Done)
                return Call.Refusal(partition, this, result.Outcome, result.AnsweredSlots, result.Reachable, result.Message, result.Clock, result.StandIns);
            if (!Call.TryMakeRoom(WireReads.ApproximateBytes(result, Part))) return null;
            var reply = new Protocol.Reply { Id = Call.Id, Receipt = Call.Receipt(partition, result.Seen, result.AnsweredSlots, Required, result.StandIns) };
            try
            {
                if (result.Page is { } page) reply.Scanned = WireScans.ToKeys(page);
                else if (Part is null) reply.Values = WireReads.ToValues(result.States!);
                else reply.Value = WireReads.ToValue(result, Part);
                return reply;
            }
            catch (WrongTypeException wrong)
            {
                return Call.Refusal(partition, this, Outcome.WrongType, result.AnsweredSlots, result.Reachable, wrong.Message);
            }
            catch (TooLargeException tooLarge)
            {
                return new Protocol.Reply { Id = Call.Id, Error = new Protocol.Error { Code = Protocol.ErrorCode.TooLarge, Message = tooLarge.Message } };
            }
            catch (ArgumentException wrong)
            {
                return Call.Refusal(partition, this, Outcome.InvalidArgument, result.AnsweredSlots, result.Reachable, wrong.Message);
            }
        }
    }
}
