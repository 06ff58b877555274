namespace Gossipdb.Node.Links;

/// <summary>Akka's serializers, as far as it concerns the links.</summary>
internal static class LinkSerialization
{
    /// <summary>What the configuration of Akka says of it.</summary>
    public static string Configuration { get; } = $$"""
        akka.actor {
          serializers {
            data-port = "{{Name(typeof(DataPortNoticeSerializer))}}"
            json = "{{Name(typeof(RejectingSerializer))}}"
          }
          serialization-bindings {
            "{{Name(typeof(DataPortNotice))}}" = data-port
          }
        }
        """;

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
