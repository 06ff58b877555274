using Gossipdb.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the client of Gossipdb.</summary>
public static class GossipdbServices
{
    /// <summary>Registers a <see cref="GossipdbClient"/> shared by the application, which connects when it is first used.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="endpoints">
    /// Addresses of some of the cluster's nodes, separated by commas, or a connection string (<see cref="GossipdbOptions.Parse"/>).
    /// </param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, string endpoints)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = endpoints.Contains('=', StringComparison.Ordinal)
            ? GossipdbOptions.Parse(endpoints)
            : GossipdbOptions.ForEndpoints(endpoints);
        services.TryAddSingleton(provider =>
        {
            options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
            return new GossipdbClient(options);
        });
        return services;
    }

    /// <summary>Registers a <see cref="GossipdbClient"/> shared by the application, which connects when it is first used.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the client's options; called when the client is first asked for.</param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, Action<GossipdbOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(provider =>
        {
            var options = new GossipdbOptions { LoggerFactory = provider.GetService<ILoggerFactory>() };
            configure(options);
            return new GossipdbClient(options);
        });
        return services;
    }
}
