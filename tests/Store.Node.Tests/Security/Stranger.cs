using System.Reflection;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Dispatch.SysMsg;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Tests.Security;

/// <summary>
/// An actor system that is none of the cluster's, with all that Akka can say to another one: a stranger who reaches a node's Akka port.
/// </summary>
internal sealed class Stranger : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly Address _victim;

    /// <param name="peerPort">Akka's port of the node that is attacked.</param>
    /// <param name="more">Further lines of its configuration.</param>
    public Stranger(int peerPort, string more = "")
    {
        _system = ActorSystem.Create(AkkaConfiguration.SystemName, ConfigurationFactory.ParseString($$"""
            {{more}}
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              actor.provider = cluster
              actor.serializers.data-port = "Gossipdb.Node.Links.DataPortNoticeSerializer, gossipdb"
              actor.serialization-bindings { "Gossipdb.Node.Links.DataPortNotice, gossipdb" = data-port }
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
              remote.retry-gate-closed-for = 100ms
            }
            """).WithFallback(DistributedData.DefaultConfig()));
        _victim = new Address("akka.tcp", AkkaConfiguration.SystemName, "127.0.0.1", peerPort);
    }

    /// <summary>The paths below which a node's actors are.</summary>
    public static IReadOnlyList<string> Everywhere { get; } =
    [
        "/user/partition-0", "/user/partition-1", "/user/commit-log", "/user/cluster-view", "/user/data-ports",
        "/user/node-guardian", "/user/journal-scrub", "/system/cluster", "/system/cluster/core/daemon", "/user/ddataReplicator", "/user",
        "/system", "/",
    ];

    /// <summary>The attacks, by name. What each does where nothing keeps it from it, its name says.</summary>
    public static IReadOnlyDictionary<string, Func<Stranger, Task>> Attacks { get; } = new Dictionary<string, Func<Stranger, Task>>
    {
        ["poison every actor"] = Of(static stranger => stranger.TellAll(PoisonPill.Instance)),
        ["kill every actor"] = Of(static stranger => stranger.TellAll(Kill.Instance)),
        ["terminate every actor"] = Of(static stranger => stranger.CommandAll(static _ => new Terminate())),
        ["stop every actor"] = Of(static stranger => stranger.CommandAll(static _ => new Stop())),
        ["suspend every actor"] = Of(static stranger => stranger.CommandAll(static _ => new Suspend())),
        ["recreate every actor"] = Of(
            static stranger => stranger.CommandAll(static _ => new Recreate(new InvalidOperationException("a stranger")))),
        ["watch every actor, and tell each of a death"] = Of(static stranger => stranger.WatchAll()),
        ["deploy an actor there"] = Of(static stranger => stranger.Deploy()),
        ["send what makes a type that it names"] = Of(static stranger => stranger.TellAll(new Gadget())),
        ["look who is there"] = stranger => stranger.ProbeAsync(),
        ["join the cluster"] = Of(static stranger => stranger.Join()),
        ["write a layout into the distributed data"] = Of(static stranger => stranger.WriteLayout()),
        ["down the other members"] = Of(static stranger => stranger.Down()),
    };

    /// <summary>Actors of the stranger that were deployed at the node.</summary>
    public static int Deployed => Volatile.Read(ref _deployed);

    /// <summary>Objects that were made because a message named their type.</summary>
    public static int Made => Volatile.Read(ref _made);

    private static int _deployed;
    private static int _made;

    /// <summary>What the node has told of itself.</summary>
    public int Learned { get; private set; }

    /// <summary>Where the stranger listens.</summary>
    public Address Address => Cluster.Get(_system).SelfAddress;

    public async ValueTask DisposeAsync() => await _system.Terminate();

    /// <summary>An actor that is to run at the node.</summary>
    private sealed class Parasite : UntypedActor
    {
        public Parasite()
        {
            if (!Self.Path.ToString().Contains("stranger-self", StringComparison.Ordinal)) Interlocked.Increment(ref _deployed);
        }

        protected override void OnReceive(object message)
        {
        }
    }

    /// <summary>What is read by the type's name runs code of that type.</summary>
    private sealed class Gadget
    {
        [OnDeserialized]
        internal void Read(StreamingContext context) => Interlocked.Increment(ref _made);
    }

    /// <summary>
    /// Says, behind all that was said before, where the data port of a node is that does not exist: a sign that a node that listens to
    /// strangers has heard the rest.
    /// </summary>
    public void Sign(DataPortNotice notice) => At("/user/data-ports").Tell(notice);

    private static Func<Stranger, Task> Of(Action<Stranger> attack) => stranger =>
    {
        attack(stranger);
        return Task.CompletedTask;
    };

    private IInternalActorRef At(string path) =>
        (IInternalActorRef)((ExtendedActorSystem)_system).Provider.ResolveActorRef($"{_victim}{path}");

    private void TellAll(object message)
    {
        foreach (var path in Everywhere)
        {
            At(path).Tell(message);
            _system.ActorSelection($"{_victim}{path}").Tell(message);
        }
    }

    private void CommandAll(Func<IInternalActorRef, ISystemMessage> command)
    {
        foreach (var path in Everywhere)
        {
            var reference = At(path);
            reference.SendSystemMessage(command(reference));
        }
    }

    private void WatchAll()
    {
        foreach (var path in Everywhere)
        {
            var reference = At(path);
            reference.SendSystemMessage(new Watch(reference, (IInternalActorRef)_system.DeadLetters));
            reference.SendSystemMessage(new DeathWatchNotification(At("/user/partition-0"), true, addressTerminated: false));
            reference.SendSystemMessage(new Failed(At("/user/partition-0"), new InvalidOperationException("a stranger"), 1));
        }
    }

    private void Deploy()
    {
        _system.ActorOf(Props.Create<Parasite>().WithDeploy(new Deploy(new RemoteScope(_victim))), $"parasite-{Guid.NewGuid():n}");
    }

    private async Task ProbeAsync()
    {
        foreach (var path in Everywhere)
        {
            foreach (var asked in (ICanTell[])
                [At(path), _system.ActorSelection($"{_victim}{path}"), _system.ActorSelection($"{_victim}{path}/*")])
            {
                try
                {
                    var answer = await asked.Ask<ActorIdentity>(new Identify(path), TimeSpan.FromMilliseconds(100));
                    if (answer.Subject?.IsNobody() == false) Learned++;
                }
                catch (AskTimeoutException)
                {
                    // Nobody has answered.
                }
            }
        }
    }

    private void Join()
    {
        Cluster.Get(_system).Join(_victim);
    }

    // As a member of the cluster would, under the name of one that there is.
    private void WriteLayout()
    {
        Replication.Placement.Member[] members = [new(new NodeId(66), "127.0.0.1", 6666, "http://127.0.0.1:6666")];
        var layout = LayoutFile.Encode(Layout.Found(4, 1, members).With(members));
        var register = new LWWRegister<byte[]>(Cluster.Get(_system).SelfUniqueAddress, layout, long.MaxValue);
        var internals = typeof(DistributedData).Assembly;
        var envelope = Make(internals, "Akka.DistributedData.Internal.DataEnvelope", register);
        var write = Make(internals, "Akka.DistributedData.Internal.Write", "gossipdb-layout", envelope, null);
        _system.ActorSelection($"{_victim}/user/ddataReplicator").Tell(write);
        At("/user/ddataReplicator").Tell(write);
    }

    private void Down()
    {
        var down = Make(typeof(Cluster).Assembly, "Akka.Cluster.ClusterUserAction+Down", _victim);
        var leave = Make(typeof(Cluster).Assembly, "Akka.Cluster.ClusterUserAction+Leave", _victim);
        foreach (var message in (object[])[down, leave])
        {
            _system.ActorSelection($"{_victim}/system/cluster/core/daemon").Tell(message);
            At("/system/cluster/core/daemon").Tell(message);
        }
    }

    private static object Make(Assembly assembly, string type, params object?[] arguments)
    {
        var made = assembly.GetType(type, throwOnError: true)!;
        var constructor = made.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(each => each.GetParameters().Length >= arguments.Length)
            .OrderBy(static each => each.GetParameters().Length)
            .First(each => arguments.Index().All(
                argument => argument.Item is null || each.GetParameters()[argument.Index].ParameterType.IsInstanceOfType(argument.Item)));
        return constructor.Invoke(
            [.. arguments, .. constructor.GetParameters().Skip(arguments.Length).Select(static _ => (object?)null)]);
    }

}
