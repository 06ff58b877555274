using Gossipdb.Replication;

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

        public void Answer(int partition, in ReadResult result)
        {
            if (result.Outcome == Outcome.Done)
            {
                var reply = new Protocol.Reply { Id = Call.Id, Receipt = Call.Receipt(partition, result.Seen, result.AnsweredSlots, Required, result.StandIns) };
                try
                {
                    if (result.Page is { } page) reply.Scanned = WireScans.ToKeys(page);
                    else if (Part is null) reply.Values = WireReads.ToValues(result.States!);
                    else reply.Value = WireReads.ToValue(result, Part);
                }
                catch (WrongTypeException wrong)
                {
                    Call.Complete(Call.Refusal(partition, this, Outcome.WrongType, result.AnsweredSlots, result.Reachable, wrong.Message));
                    return;
                }
                catch (TooLargeException tooLarge)
                {
                    Call.Refuse(Protocol.ErrorCode.TooLarge, tooLarge.Message);
                    return;
                }
                catch (ArgumentException wrong)
                {
                    Call.Complete(Call.Refusal(partition, this, Outcome.InvalidArgument, result.AnsweredSlots, result.Reachable, wrong.Message));
                    return;
                }
                catch (Exception unforeseen)
                {
                    Call.Fail($"partition {partition}", $"the answer to a read of a {result.State?.Type.ToString() ?? "page of keys, or several keys"}", unforeseen);
                    return;
                }

                Call.Complete(reply);
                return;
            }

            if (result.Outcome == Outcome.NotServing && Call.TryReroute(partition)) return;
            Call.Complete(Call.Refusal(partition, this, result.Outcome, result.AnsweredSlots, result.Reachable, result.Message, result.Clock, result.StandIns));
        }
    }
}
