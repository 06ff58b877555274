using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.Tests.Harness;
using static Gossipdb.Replication.Tests.Harness.SampleEvents;

namespace Gossipdb.Replication.Tests.Images;

public sealed class ImageStageTests
{
    [Fact]
    public void Later_slices_replace_what_earlier_ones_brought_and_take_away_what_is_gone()
    {
        var parts = new OwnerParts();
        foreach (var key in (string[])["kept", "changed", "deleted"]) parts.Put(key);
        var stage = new ImageStage(7);
        stage.Add(Slice("kept", "changed", "deleted"));
        parts.Put("changed");
        stage.Add(Slice("changed"));
        var gone = new ByteWriter();
        ImageSlice.WriteGone(gone, Trio.Key("deleted"));
        stage.Add(gone.Written);

        Assert.Equal(3, stage.Count);
        Assert.Equal([Trio.Key("changed"), Trio.Key("kept")], stage.Entries.Keys.Order());
        Assert.Equal(Clock((A, 4)), LastChanges(stage.Entries[Trio.Key("changed")]));

        byte[] Slice(params string[] keys)
        {
            var writer = new ByteWriter();
            foreach (var key in keys) ImageSlice.Write(writer, Trio.Key(key), parts.Keys.Find(Trio.Key(key))!, Clock());
            return writer.ToArray();
        }
    }
}
