using Akka.Configuration;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;

namespace Gossipdb.Node.Configuration;

/// <summary>The settings Akka runs with. What the node's own file says of akka.* comes first.</summary>
internal static class AkkaConfiguration
{
    /// <summary>The name of the actor system, part of every address.</summary>
    public const string SystemName = "gossipdb";

    /// <summary>Akka's address of a node.</summary>
    public static string AddressOf(NodeSettings settings, NodeSettings.NodeAddress node) =>
        $"akka{(settings.FaultInjection ? ".trttl" : string.Empty)}.tcp://{SystemName}@{node.PeerHost}:{node.PeerPort}";

    /// <summary>The whole configuration.</summary>
    public static Config Create(NodeSettings settings)
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

                # Akka's dedicated thread pools spin while they wait; on a machine shared by several nodes that costs more than the work itself.
                default-dispatcher.executor = channel-executor
                internal-dispatcher.executor = channel-executor
                serializers {
                  peer-envelope = "{{Name(typeof(PeerEnvelopeSerializer))}}"
                  json = "{{Name(typeof(RejectingSerializer))}}"
                }
                serialization-bindings {
                  "{{Name(typeof(PeerEnvelope))}}" = peer-envelope
                }
              }
              remote {
                # A link that was cut is tried again soon after it heals.
                retry-gate-closed-for = 500ms

                # An association attempted during a cut, or with a node that is just starting, must not hold up the next attempt for the default of 15 s.
                handshake-timeout = 5s
                default-remote-dispatcher.executor = channel-executor
                backoff-remote-dispatcher.executor = channel-executor
                dot-netty.tcp {
                  hostname = "{{settings.Host}}"
                  public-hostname = "{{self.PeerHost}}"
                  port = {{settings.PeerPort}}
                  maximum-frame-size = {{settings.FrameBytes}}b
                  {{(settings.FaultInjection ? "applied-adapters = [\"trttl\"]" : string.Empty)}}
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
              persistence {
                journal {
                  plugin = "akka.persistence.journal.sql"
                  sql {
                    class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                    connection-string = "{{JournalDatabase.ConnectionString(settings).Replace("\\", "\\\\")}}"
                    provider-name = "SQLite.MS"

                    # A clone for each commit builds its mapping anew, which costs more than opening a pooled connection.
                    use-clone-connection = false

                    # What it reads at once is what JournalReader asks for.
                    replay-batch-size = {{settings.RecoveryPage}}

                    # A hundred more would be held back to look for a second writer of the journal; the lock on the data directory sees to it that there is none.
                    replay-filter.mode = off

                    # For how long the disk may not tell the number of the last record. The records are read by JournalReader, which is as patient.
                    recovery-event-timeout = {{(long)settings.ReadPatience.TotalMilliseconds}}ms

                    # A write that waits for a locked file is not a failed one until the busy timeout has passed.
                    circuit-breaker.call-timeout = {{(int)(settings.BusyTimeout.TotalSeconds * 2) + 10}}s
                  }
                }
                snapshot-store.plugin = "akka.persistence.no-snapshot-store"
              }
            }
            """));
    }

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
