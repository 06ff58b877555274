using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Gossipdb.Node.Links;

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
        throw new NotSupportedException($"a message of type {type} has no registered serializer: "
            + $"{Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(64, bytes.Length)))}");
}
