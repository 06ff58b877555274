using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Gossipdb.Node.Links;

/// <summary>The one message between nodes: bytes that <see cref="LinkFrames"/> lays out.</summary>
internal sealed record PeerEnvelope(byte[] Bytes);

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

/// <summary>
/// Stands where Akka's JSON fallback stood, so that a message without a registered serializer is an error on both sides instead of
/// being quietly turned into JSON.
/// </summary>
internal sealed class RejectingSerializer : Serializer
{
    // Akka's reference configuration has settings for "json", and hands them over.
    public RejectingSerializer(ExtendedActorSystem system, Config config)
        : base(system)
    {
    }

    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) =>
        throw new NotSupportedException($"{obj.GetType()} has no registered serializer");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new NotSupportedException($"a message of type {type} has no registered serializer: {Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(64, bytes.Length)))}");
}
