using Gossipdb.Crdt;
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

        /// <summary>Where set, only whether the set holds this element is answered.</summary>
        public Bytes? Contains { get; init; }

        public void Answer(int partition, in ReadResult result)
        {
            if (result.Outcome == Outcome.Done)
            {
                Call.Complete(new Protocol.Reply
                {
                    Id = Call.Id,
                    Value = Wire.ToValue(result.State, Contains),
                    Receipt = Call.Receipt(partition, result.Clock, result.AnsweredSlots, Required),
                });
                return;
            }

            Call.Complete(Call.Refusal(partition, this, result.Outcome, result.AnsweredSlots, result.Reachable, result.Message));
        }
    }
}
