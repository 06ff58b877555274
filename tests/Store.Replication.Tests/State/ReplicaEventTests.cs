using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.State;

public sealed class ReplicaEventTests
{
    [Fact]
    public void An_event_survives_its_encoding()
    {
        var made = Make(A, Clock((A, 4), (B, 2)), "key", "x", new OperationId(7, 9, 1234));
        var read = ReplicaEvent.Decode(made.Encoded);
        Assert.Equal((made.First, made.Count, made.Last, made.Timestamp), (read.First, read.Count, read.Last, read.Timestamp));
        Assert.Equal(made.Clock, read.Clock);
        Assert.Equal((7UL, 9UL, 1234L), (read.Operation.Client, read.Operation.Number, read.Operation.DeadlineUnixMs));
        Assert.Equal("key", read.Changes.Single().Key.ToString());
    }

    [Fact]
    public void Truncated_or_altered_bytes_are_refused()
    {
        var encoded = Make(A, Clock((B, 2)), "key", "x", new OperationId(7, 9, 1234)).Encoded;
        for (var length = 0; length < encoded.Length; length++)
            Assert.Throws<CorruptDataException>(() => ReplicaEvent.Decode(encoded[..length]));
        for (var i = 0; i < encoded.Length; i++)
        {
            var altered = (byte[])encoded.Clone();
            altered[i] ^= 0x80;
            try
            {
                ReplicaEvent.Decode(altered);
            }
            catch (CorruptDataException)
            {
                // Some flips make other valid events; none may do worse than this.
            }
        }
    }

    [Fact]
    public void An_event_is_applicable_only_right_after_its_dependencies()
    {
        var made = Make(A, Clock((A, 4), (B, 2)), "key", "x", default);
        Assert.True(made.IsApplicableAt(Clock((A, 4), (B, 2))));
        Assert.True(made.IsApplicableAt(Clock((A, 4), (B, 3))));
        Assert.False(made.IsApplicableAt(Clock((A, 3), (B, 2))));
        Assert.False(made.IsApplicableAt(Clock((A, 5), (B, 2))));
        Assert.False(made.IsApplicableAt(Clock((A, 4), (B, 1))));
    }
}
