using System.Net.Security;
using Akka.Actor;
using Akka.DistributedData;
using Akka.Hosting;
using Akka.Persistence.Sql;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Dashboard;
using Gossipdb.Node.Faults;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Lanes;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Partitions;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Node.Telemetry;
using Gossipdb.Node.Tracing;
using Gossipdb.Node.Transport;
using Gossipdb.Replication.Placement;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;
using Serilog;

namespace Gossipdb.Node;

/// <summary>Puts a node together, runs it and takes it down.</summary>
internal static class NodeHost
{
    // What is not handed over by then stays with this process's ids: a stop is never held up for long.
    private static readonly TimeSpan HandOverWithin = TimeSpan.FromSeconds(2);

    /// <summary>Runs a node until <paramref name="stop"/>, SIGTERM or Ctrl-C.</summary>
    /// <returns>The process exit code: 0 after a clean stop, 1 where the node stopped because of a failure, which it logged.</returns>
    /// <exception cref="ConfigurationProblem">It cannot start as configured.</exception>
    public static Task<int> RunAsync(string configPath, CancellationToken stop) => RunAsync(configPath, started: null, stop);

    /// <summary>The same; <paramref name="started"/> is told the node's parts once they run.</summary>
    internal static Task<int> RunAsync(string configPath, Action<IServiceProvider>? started, CancellationToken stop) =>
        RunAsync(new SettingSources { File = configPath }, started, stop);

    /// <summary>The same with settings from anywhere.</summary>
    internal static async Task<int> RunAsync(SettingSources sources, Action<IServiceProvider>? started, CancellationToken stop)
    {
        var settings = NodeSettings.Load(sources);
        using var directory = StartChecks.ClaimDirectory(settings);
        await using var logger = NodeLog.Create(settings);
        using var certificates = NodeCertificates.Load(settings, logger);
        var secrets = PeerSecrets.Load(settings);
        using var database = JournalDatabase.Of(settings);
        var faults = new NodeFaults(settings, TimeProvider.System);
        (database.Disk, database.Time) = (faults.Disk, faults.Clock);
        var code = await RunAsync(settings, certificates, secrets, database, faults, logger, started, stop);

        // A file that turned out to be damaged is put aside, and the node starts anew with what could be read of it.
        if (code != 0 && database.IsToBeReplaced && !stop.IsCancellationRequested)
            code = await RunAsync(settings, certificates, secrets, database, faults, logger, started, stop);
        return code;
    }

    private static async Task<int> RunAsync(
        NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, JournalDatabase database, NodeFaults faults,
        Serilog.Core.Logger logger, Action<IServiceProvider>? started, CancellationToken stop)
    {
        database.Prepare(logger);
        StartChecks.RefuseTakenPorts(settings);
        if (!File.Exists(LayoutFile.PathIn(settings.DataDirectory)))
        {
            // What follows may block, and must not do so on the thread that read the answer.
            await LayoutJoin.FetchAsync(settings, certificates, secrets, faults.Clock, logger, stop)
                .ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        var layout = LayoutFile.LoadOrCreate(settings);
        await using var app = Build(settings, certificates, secrets, layout, database, faults, logger);
        var health = app.Services.GetRequiredService<NodeHealth>();
        Authenticator.Found(settings, app.Services.GetRequiredService<AccountBook>(), logger);
        database.Waiting = health.JournalWaits;
        var audit = app.Services.GetRequiredService<AuditLog>();
        audit.Write(AuditAction.NodeStart, Caller.Anonymous, $"gossipdb {ProductVersion.Text}", AuditOutcome.Done);
        certificates.Changed = () => audit.Write(AuditAction.Certificates, Caller.Anonymous, "gossipdb.tls", AuditOutcome.Done);
        certificates.Watch(health);
        secrets.Watch(health);
        app.Services.GetRequiredService<DataPort>().Start(app.Services.GetRequiredService<DataConnections>().ServeAsync);
        try
        {
            await app.StartAsync(stop);
        }
        catch (OperationCanceledException) when (health.Fatal is not null)
        {
            // A part failed, and has said so, before all had started: the start was cancelled by that.
            await app.StopAsync(CancellationToken.None);
            return 1;
        }

        started?.Invoke(app.Services);
        if (settings.StopWithParent) StopWithParent(app.Lifetime);
        await app.WaitForShutdownAsync(stop);
        var outcome = health.Fatal is null ? AuditOutcome.Done : AuditOutcome.Failed;
        audit.Write(AuditAction.NodeStop, Caller.Anonymous, string.Empty, outcome, health.Fatal);
        return health.Fatal is null ? 0 : 1;
    }

    private static WebApplication Build(
        NodeSettings settings, NodeCertificates certificates, PeerSecrets secrets, Layout layout, JournalDatabase database,
        NodeFaults faults, Serilog.Core.Logger logger)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSerilog(logger);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            HttpLimits.Set(kestrel.Limits, settings);
            kestrel.Listen(settings.ListenAddress, settings.ClientPort, listen =>
            {
                listen.UseGate();
                listen.Protocols = HttpProtocols.Http2;
                listen.UseAccounts();
                listen.UseTls(certificates, SslApplicationProtocol.Http2);
            });
            kestrel.Listen(settings.ListenAddress, settings.HttpPort, listen =>
            {
                listen.UseGate();
                listen.Protocols = HttpProtocols.Http1;
                listen.UseAccounts();
                listen.UseTls(certificates, SslApplicationProtocol.Http11);
            });
        });
        builder.Services.AddGrpc(grpc =>
        {
            HttpLimits.Set(grpc, settings);
            grpc.Interceptors.Add<PlainErrors>();
            grpc.Interceptors.Add<AdminAudit>();
        });
        builder.Services.AddGrpcReflection();
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(certificates);
        builder.Services.AddSingleton(secrets);
        builder.Services.AddSingleton<NodeHealth>();
        builder.Services.AddSingleton(faults);
        builder.Services.AddSingleton(faults.Clock);
        builder.Services.AddSingleton(services => new NodeClock(faults.Clock, settings, services.GetRequiredService<NodeHealth>()));
        AddParts(builder.Services, settings, layout, database);
        builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        builder.Services.AddHostedService<ServiceManager>();
        builder.Services.AddGrpcHealthChecks()
            .AddCheck<ReadyCheck>("ready", tags: ["ready"])
            .AddCheck<LiveCheck>("live", tags: ["live"]);
        builder.Services.AddAkka(AkkaConfiguration.SystemName, (akka, services) => akka
            .AddSetup(new JournalSetup(database))
            .AddSetup(services.GetRequiredService<ControlSetup>())
            .AddHocon(AkkaConfiguration.Create(
                    settings, LinkSerialization.Configuration, ControlTransport.ConfigurationOf(settings), database.AkkaConfiguration())
                .WithFallback(SqlPersistence.DefaultConfiguration), HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = settings.LogLevel == "debug" ? Akka.Event.LogLevel.DebugLevel : Akka.Event.LogLevel.WarningLevel;
            })
            .WithActors((system, actors) => StartActors(system, actors, services)));

        var app = builder.Build();
        app.Use(HttpLimits.KnownAsync);
        app.Use(PlainErrors.EndAsync);
        DashboardHost.Guard(app);
        app.Use(app.Services.GetRequiredService<Authentication>().RunAsync);
        app.Use(EarlyAdmission.RunAsync);
        app.MapGrpcService<DataService>();
        app.MapGrpcService<AdminService>();
        app.MapGrpcService<AccountsService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        HttpAccounts.Map(app, app.Services.GetRequiredService<Authenticator>());
        DashboardHost.Map(app);
        TelemetryHost.Map(app);
        MapHealth(app, "live");
        MapHealth(app, "ready");
        return app;
    }

    private static void MapHealth(WebApplication app, string name) => app.MapHealthChecks($"/health/{name}", new()
    {
        Predicate = check => check.Tags.Contains(name),
        ResponseWriter = (context, report) => context.Response.WriteAsync(
            report.Status == HealthStatus.Healthy ? $"{name}\n" : $"{report.Entries[name].Description}\n"),
    });

    // What the parts share, each with what it needs and no more.
    private static void AddParts(IServiceCollection services, NodeSettings settings, Layout layout, JournalDatabase database)
    {
        services.AddSingleton(_ =>
        {
            var addresses = new AddressBook(settings);
            addresses.Learn(layout);
            return addresses;
        });
        services.AddSingleton(MakeRoll);
        services.AddSingleton<PeerRefusals>();
        services.AddSingleton<PeerGreeting>();
        services.AddSingleton<ControlSetup>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AccountBook>();
        services.AddSingleton<AccessControl>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<Authentication>();
        services.AddSingleton<AccountExchange>();
        services.AddSingleton<ConnectionGate>();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<DataAudit>();
        services.AddSingleton<Doors>();
        services.AddSingleton(new Receiving(settings.Connections));
        services.AddSingleton<DataPort>();
        services.AddSingleton<DataConnections>();
        services.AddSingleton<NodeTraces>();
        services.AddSingleton<NodeLanes>();
        services.AddSingleton<NodeLinks>();
        services.AddSingleton(provider => new JournalBacklog(settings.JournalBacklogBytes, provider.GetRequiredService<NodeHealth>()));
        services.AddSingleton<CommitFigures>();
        services.AddSingleton<NodeJournal>();
        services.AddSingleton<JournalDamage>();
        services.AddSingleton(database);
        services.AddSingleton<PartitionEnvironment>();
        services.AddSingleton(provider => new PartitionDirectory(provider.GetRequiredService<PartitionEnvironment>(), layout));
        services.AddSingleton<StagedChanges>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Gateway>();
        services.AddSingleton<LayoutReports>();
        services.AddSingleton<Reports>();
        services.AddSingleton<HotReports>();
        TelemetryHost.AddParts(services, settings);
        DashboardHost.AddParts(services);
    }

    // Whom the node listens to: the layout says so, and the parts that know it come above those that ask.
    private static PeerRoll MakeRoll(IServiceProvider services)
    {
        var addresses = services.GetRequiredService<AddressBook>();
        var partitions = new Lazy<PartitionDirectory>(services.GetRequiredService<PartitionDirectory>);
        var listed = new Lazy<ListedNodes>(() => new ListedNodes(partitions.Value, addresses, services.GetRequiredService<NodeClock>()));
        return new PeerRoll
        {
            WhyNot = node => listed.Value.WhyNot(node),
            IsLost = node => partitions.Value.Layout.IsLost(node),
            AddressOf = node => addresses.Find(node) is { } known ? (known.PeerHost, known.PeerPort) : null,
            NodesAt = addresses.NodesAt,
        };
    }

    private static void StartActors(ActorSystem system, IActorRegistry actors, IServiceProvider services)
    {
        var settings = services.GetRequiredService<NodeSettings>();
        var (health, clock) = (services.GetRequiredService<NodeHealth>(), services.GetRequiredService<NodeClock>());
        var (partitions, links) = (services.GetRequiredService<PartitionDirectory>(), services.GetRequiredService<NodeLinks>());
        var (addresses, journal) = (services.GetRequiredService<AddressBook>(), services.GetRequiredService<NodeJournal>());
        var (gateway, staged) = (services.GetRequiredService<Gateway>(), services.GetRequiredService<StagedChanges>());
        var (damage, roll) = (services.GetRequiredService<JournalDamage>(), services.GetRequiredService<PeerRoll>());
        var (certificates, secrets) = (services.GetRequiredService<NodeCertificates>(), services.GetRequiredService<PeerSecrets>());
        var accounts = services.GetRequiredService<AccountExchange>();
        var (database, loggers) = (services.GetRequiredService<JournalDatabase>(), services.GetRequiredService<ILoggerFactory>());
        clock.Look(partitions.Layout.Nodes);
        var guardian = system.ActorOf(
            Props.Create(() => new NodeGuardian(settings, health, services.GetRequiredService<NodeLanes>())), "node-guardian");
        actors.Register<NodeGuardian>(guardian);
        var watched = new WatchedActors(system, guardian);
        var (cluster, lifetime) = (Akka.Cluster.Cluster.Get(system), services.GetRequiredService<IHostApplicationLifetime>());
        roll.IsMemberAt = (host, port) => cluster.State.Members.Any(member => member.Address.Host == host && member.Address.Port == port);
        watched.Watch(
            DistributedData.Get(system).Replicator,
            "the replicator of the cluster's metadata",
            () => lifetime.ApplicationStopping.IsCancellationRequested || IsGivenUp(cluster, health));
        partitions.Begin(watched);
        var view = watched.Start(
            Props.Create(() =>
                new ClusterView(
                    settings, certificates, secrets, health, clock, partitions, links, addresses, staged, roll,
                    loggers.CreateLogger<ClusterView>())),
            "cluster-view",
            "the cluster view");
        actors.Register<ClusterView>(view);
        links.Begin(new LinkEnvironment
        {
            Settings = settings,
            Clock = clock,
            Faults = services.GetRequiredService<NodeFaults>(),
            Health = health,
            Tell = state => view.Tell(state, ActorRefs.NoSender),
            IsMember = () => cluster.SelfMember.Status == Akka.Cluster.MemberStatus.Up,
            IsLost = node => settings.PeersProve ? roll.WhyNot(node) is not null : partitions.Layout.IsLost(node),
            MayConfirm = () => !journal.Backlog.HoldsPeersBack,
            Deliver = partitions.Deliver,
            TakeFrame = (kind, content, from) =>
            {
                if (kind == LinkFrames.Accounts) accounts.Take(content, from);
                else gateway.TakeFrame(kind, content, from);
            },
            Logger = loggers.CreateLogger<PeerLink>(),
        });
        accounts.Begin();
        watched.Start(
            Props.Create(() =>
                new DataPortExchange(settings, clock, links, addresses, services.GetRequiredService<DataPort>().Port)),
            DataPortExchange.Name,
            "the exchange of data ports");

        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "hand-over-rights", async () =>
        {
            await partitions.HandOverAsync(HandOverWithin);
            return Akka.Done.Instance;
        });
        journal.Log = watched.Start(
            Props.Create(() => new CommitLog(settings, health, journal.Backlog, journal.Commits, damage, partitions, database)),
            "commit-log",
            "the journal",

            // One that has failed has said so: reads go on without it.
            mayEnd: () => health.RefusesWrites);
        actors.Register<JournalScrub>(watched.Start(
            Props.Create(() => new JournalScrub(settings, damage, database, journal.Log, partitions.NameOf)),
            "journal-scrub",
            "the scrub of the journal"));
        system.Scheduler.Advanced.ScheduleRepeatedly(settings.Tick, settings.Tick, () =>
        {
            try
            {
                clock.Look(partitions.Layout.Nodes);
                partitions.Tick();
                journal.Tick();
                gateway.Sweep();
            }
            catch (Exception unexpected)
            {
                // The scheduler gives up what throws: time would pass for nobody any more.
                health.Fail("the node's timer failed", unexpected);
            }
        });
    }

    // Members of the Akka cluster are given up where a layout declares them lost, and only there. Who hears of it stops its part of the
    // cluster, often before the layout is heard, and it may never have been more than joining. It goes on, to say what has become of it.
    private static bool IsGivenUp(Akka.Cluster.Cluster cluster, NodeHealth health)
    {
        if (!cluster.IsTerminated && cluster.SelfMember.Status != Akka.Cluster.MemberStatus.Down) return false;
        health.DeclaredLost("the other nodes have given this node up as a member of the cluster: it was declared lost or removed; it "
            + "serves nobody any more; stop it, and set it up anew with another number and an empty data directory");
        return true;
    }

    // End of file on standard input is a sound sign of the parent's death.
    private static void StopWithParent(IHostApplicationLifetime lifetime) => _ = Task.Run(async () =>
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (await input.ReadAsync(buffer) > 0)
            {
                // Nothing is expected on it.
            }
        }
        catch (IOException)
        {
            // It is as good as ended.
        }

        lifetime.StopApplication();
    });
}
