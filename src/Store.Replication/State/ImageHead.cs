using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.State;

/// <summary>
/// Says what an image is of: a replica's state at one clock, or what changed in it since an earlier clock. The image's slices carry the
/// keys.
/// </summary>
/// <param name="Clock">The clock of the state.</param>
/// <param name="StableCut">What the state was collected at.</param>
/// <param name="StableCutNeeds">What a replica must have applied before it may collect at the stable cut.</param>
/// <param name="FallbackMembership">The fallback membership: the nodes that are asked before the next stable cut is decided.</param>
/// <param name="LastTimestamp">The greatest timestamp seen in the partition.</param>
/// <param name="Since">
/// What the image builds on. A replica that covers it can join the image. It is empty where the image holds every key: such an image
/// replaces what the receiver has.
/// </param>
internal sealed record ImageHead(
    VersionVector Clock, StableCut StableCut, VersionVector StableCutNeeds, FallbackMembership FallbackMembership,
    HybridTimestamp LastTimestamp, VersionVector Since)
{
    /// <summary>True where the image holds every key.</summary>
    public bool IsWhole => Since.Count == 0;

    public void Encode(ByteWriter writer)
    {
        Clock.Encode(writer);
        StableCut.Encode(writer);
        StableCutNeeds.Encode(writer);
        FallbackMembership.Encode(writer);
        writer.WriteFixed64((ulong)LastTimestamp.Value);
        Since.Encode(writer);
    }

    public static ImageHead Decode(ref ByteReader reader) => new(
        VersionVector.Decode(ref reader), StableCut.Decode(ref reader), VersionVector.Decode(ref reader),
        FallbackMembership.Decode(ref reader), new HybridTimestamp((long)reader.ReadFixed64()), VersionVector.Decode(ref reader));
}
