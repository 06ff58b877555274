using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Gossipdb.Node.Links;

/// <summary>
/// Stands where serializers of Akka stood that no message between nodes needs: the JSON fallback, which makes whatever type a message
/// names, and those of commands to actors (<see cref="LinkSerialization"/>). A message that comes with the number of one of them is an
/// error, and so is one of our own without a registered serializer, instead of being quietly turned into JSON.
/// <para>Its manifests are texts to Akka, so no type that a message names is even looked for.</para>
/// </summary>
internal sealed class RejectingSerializer : SerializerWithStringManifest
{
    public RejectingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    // Akka's reference configuration has settings for "json", and hands them over.
    public RejectingSerializer(ExtendedActorSystem system, Config config)
        : base(system)
    {
    }

    public override int Identifier => 1;

    public override string Manifest(object o) => throw new NotSupportedException($"{o.GetType()} has no registered serializer");

    public override byte[] ToBinary(object obj) => throw new NotSupportedException($"{obj.GetType()} has no registered serializer");

    public override object FromBinary(byte[] bytes, string manifest) =>
        throw new NotSupportedException($"a message of {bytes.Length} bytes has no registered serializer");
}
