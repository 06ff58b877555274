using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Wire;

public sealed class FoldedClocksTests
{
    private static readonly ReplicaId Ended = new(0xe1);
    private static readonly StableCut Cut = new(Clock((A, 3), (Ended, 7)), 5, [new RetiredReplica(Ended, new Dot(A, 2))]);
    private static readonly VersionVector Whole = Clock((A, 9), (Ended, 7));
    private static readonly RetiredTable Table = RetiredTable.Of(Cut);

    private static readonly PeerMessage[] Messages =
    [
        new ClocksMessage(A, Whole, Whole, false, 5) { RetiredHash = Table.Hash, Remembered = Whole, StableCutClock = Whole },
        new FetchMessage(A, Whole), new ReadQueryMessage(A, 1, [], Whole), new ReadAnswerMessage(B, A, 1, Whole, default, Cut),
        new ProgressAnswerMessage(B, A, 5, Whole),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Messages.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Who_has_the_same_table_reads_the_message_as_it_was(int number)
    {
        var folded = FoldedClocks.Fold(Messages[number], Table);
        Assert.Equal(Table.Hash, folded.FoldedWith);
        Assert.True(Bytes(folded).Length < Bytes(Messages[number]).Length);
        Assert.Equal(Bytes(Messages[number]), Bytes(FoldedClocks.Complete(folded, Table)));
    }

    [Fact]
    public void A_clock_that_does_not_cover_all_of_the_table_is_told_whole()
    {
        var behind = Clock((A, 9), (Ended, 6));
        PeerMessage[] messages = [new FetchMessage(A, behind), new ClocksMessage(A, Whole, behind, false, 5), new BeyondLogMessage(A)];
        foreach (var message in messages)
            Assert.Same(message, FoldedClocks.Fold(message, Table));
    }

    private static byte[] Bytes(PeerMessage message)
    {
        var writer = new ByteWriter();
        message.Encode(writer);
        return writer.ToArray();
    }
}
