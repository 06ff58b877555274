using Akka.Configuration;

namespace Gossipdb.Node.Configuration;

/// <summary>The settings Akka runs with. What the node's own file says of akka.* comes first.</summary>
internal static class AkkaConfiguration
{
    /// <summary>The name of the actor system, part of every address.</summary>
    public const string SystemName = "gossipdb";

    /// <summary>Akka's address of a node.</summary>
    public static string AddressOf(NodeSettings.NodeAddress node) => $"akka.tcp://{SystemName}@{node.PeerHost}:{node.PeerPort}";

    /// <summary>The whole configuration.</summary>
    /// <param name="settings">The node's settings.</param>
    /// <param name="ofParts">What single parts of the node need of Akka: HOCON.</param>
    public static Config Create(NodeSettings settings, params ReadOnlySpan<string> ofParts)
    {
        var self = settings.Nodes[settings.Id];
        return settings.Own.WithFallback(ConfigurationFactory.ParseString($$"""
            akka {
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              actor {
                provider = cluster

                # What an actor does not handle stops it, and the node with it: restarted, it would go on without its state.
                guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"

                # Akka's dedicated thread pools spin while they wait.
                # On a machine shared by several nodes that costs more than the work itself.
                # The channel executor runs actors on the thread that tells them something. That may be a thread within a lane, or one that
                # reads sockets: what our own actors do goes to the pool.
                default-dispatcher.executor = default-executor
                internal-dispatcher.executor = channel-executor
              }
              remote {
                # Other nodes command no actor here: nothing that could end one, no deployment, and no selection but of those who keep
                # the cluster. What untrusted mode lets through nobody can read (LinkSerialization).
                untrusted-mode = on
                trusted-selection-paths = [
                  "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/user/ddataReplicator"
                ]

                # A link that was cut is tried again soon after it heals.
                retry-gate-closed-for = 500ms

                # An association attempted during a cut, or with a node that is just starting,
                # must not hold up the next attempt for the default of 15 s.
                handshake-timeout = 5s
                default-remote-dispatcher.executor = channel-executor
                backoff-remote-dispatcher.executor = channel-executor
                dot-netty.tcp {
                  hostname = "{{settings.Host}}"
                  public-hostname = "{{self.PeerHost}}"
                  port = {{settings.PeerPort}}
                  maximum-frame-size = {{settings.FrameBytes}}b
                }
              }
              cluster {
                # No downing provider: an unreachable node stays a member, and a partition changes no owners.
                downing-provider-class = ""
                run-coordinated-shutdown-when-down = off
                distributed-data.durable.keys = []
              }
              coordinated-shutdown {
                run-by-clr-shutdown-hook = off
                # A node that stops stays a member: leaving would wait for nodes that are out of reach.
                phases.cluster-leave.enabled = off
                phases.cluster-exiting.enabled = off
                phases.cluster-exiting-done.enabled = off
              }
            }

            """ + string.Join('\n', ofParts)));
    }
}
