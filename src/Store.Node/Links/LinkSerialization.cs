namespace Gossipdb.Node.Links;

/// <summary>Akka's serializers, as far as it concerns the links.</summary>
internal static class LinkSerialization
{
    // What Akka could read beside the messages of its cluster and of its distributed data: commands to actors (Kill, PoisonPill, Identify),
    // system messages (Terminate, Stop, Watch), deployment from afar, and messages of any type that a name says. Nodes say none of these
    // to each other, and untrusted mode lets some of them through.
    private static readonly string[] NeverSaid =
    [
        "json", "akka-misc", "akka-system-msg", "daemon-create", "primitive", "proto", "reliable-delivery",
        "akka-persistence-message", "akka-persistence-snapshot",
    ];

    /// <summary>What the configuration of Akka says of it.</summary>
    public static string Configuration { get; } = $$"""
        akka.actor {
          serializers {
            data-port = "{{Name(typeof(DataPortNoticeSerializer))}}"
            {{string.Join('\n', NeverSaid.Select(static name => $"{name} = \"{Name(typeof(RejectingSerializer))}\""))}}
          }
          serialization-bindings {
            "{{Name(typeof(DataPortNotice))}}" = data-port
          }
        }
        """;

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
