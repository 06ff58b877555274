using Akka.Actor;
using Akka.Serialization;

namespace Gossipdb.Node.Links;

/// <summary>Hands the bytes of a <see cref="PeerEnvelope"/> through, under a manifest of its own.</summary>
internal sealed class PeerEnvelopeSerializer : SerializerWithStringManifest
{
    private const string EnvelopeManifest = "E1";

    public PeerEnvelopeSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 7301;

    public override byte[] ToBinary(object obj) => ((PeerEnvelope)obj).Bytes;

    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest == EnvelopeManifest ? new PeerEnvelope(bytes) : throw new ArgumentException($"unknown manifest '{manifest}'");

    public override string Manifest(object o) => EnvelopeManifest;
}
