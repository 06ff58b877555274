using Akka.Actor;
using Akka.Serialization;

namespace Gossipdb.Node.Links;

/// <summary>Writes and reads a <see cref="DataPortNotice"/>, under a manifest of its own.</summary>
internal sealed class DataPortNoticeSerializer : SerializerWithStringManifest
{
    private const string NoticeManifest = "P1";

    public DataPortNoticeSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 7302;

    public override byte[] ToBinary(object obj) => ((DataPortNotice)obj).Encode();

    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest == NoticeManifest ? DataPortNotice.Decode(bytes) : throw new ArgumentException($"unknown manifest '{manifest}'");

    public override string Manifest(object o) => NoticeManifest;
}
