using System.Collections.Concurrent;
using System.Net;
using Gossipdb.Client;
using Gossipdb.Client.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gossipdb.AspNetCore.Tests;

/// <summary>A web application that adds to a set and reads it, each in the visitor's session, on loopback.</summary>
internal sealed class ShopApplication : IAsyncDisposable
{
    // Two applications with the same ones know each other's tokens.
    private static readonly ConcurrentDictionary<string, EphemeralDataProtectionProvider> Keys = new();

    private readonly WebApplication _application;

    private ShopApplication(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.First());

    public static async Task<ShopApplication> StartAsync(
        FakeCluster cluster, Action<GossipdbSessionOptions>? configure = null, string keys = "one")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddGossipdb("shop", cluster.Endpoints);
        builder.Services.AddGossipdbSessions(options =>
        {
            options.Client = "shop";
            configure?.Invoke(options);
        });
        builder.Services.AddSingleton<IDataProtectionProvider>(
            Keys.GetOrAdd(keys, static _ => new EphemeralDataProtectionProvider()));
        var application = builder.Build();
        application.UseGossipdbSessions();
        application.MapGet("/add/{key}", static async (string key, GossipdbSession store) =>
        {
            await store.Set(key).AddAsync("apple");
            return "added";
        });
        application.MapGet("/many/{count:int}", static async (int count, GossipdbSession store) =>
        {
            for (var i = 0; i < count; i++) await store.Set($"many-{i}").AddAsync("apple");
            return "added";
        });
        application.MapGet("/get/{key}", static async (string key, GossipdbSession store) =>
            string.Join(',', await store.Set(key).GetAsync()));
        application.MapGet("/nothing", static () => "nothing");
        await application.StartAsync();
        return new ShopApplication(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
