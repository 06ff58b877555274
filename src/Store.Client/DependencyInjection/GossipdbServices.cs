using Gossipdb.Client;
using Gossipdb.Client.Connection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers clients of Gossipdb. Each is shared by the application, connects when it is first used, and is disposed of with the
/// application. Without a name it is the service <see cref="GossipdbClient"/>; with one, the keyed service of that name
/// (<c>[FromKeyedServices("orders")] GossipdbClient orders</c>).
/// <para>
/// Options follow the options pattern, under the client's name: <see cref="IOptionsMonitor{TOptions}"/> of <see cref="GossipdbOptions"/>
/// gives them, and further <c>Configure </c> and <c>PostConfigure </c> add to them. They are validated when the host starts, and else
/// when the
/// client is first asked for (<see cref="OptionsValidationException"/>). A client keeps the options that it was created with. Where a
/// client
/// of a name is registered already, registering it again does nothing.
/// </para>
/// </summary>
public static class GossipdbServices
{
    /// <summary>Registers the application's client.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="endpoints">
    /// Addresses of some of the cluster's nodes, separated by commas, or a connection string (<see cref="GossipdbOptions.Parse"/>).
    /// </param>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, string endpoints) =>
        services.AddGossipdb(Options.Options.DefaultName, endpoints);

    /// <summary>Registers the application's client.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the client's options; called when the host starts, or the client is first asked for.</param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, Action<GossipdbOptions> configure) =>
        services.AddGossipdb(Options.Options.DefaultName, configure);

    /// <summary>Registers the application's client.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">
    /// The options: keys are the names of the properties of <see cref="GossipdbOptions"/>, and besides them <c>Durability</c>, for writes,
    /// and <c>ConnectionString </c>, to which the others add. <c>DefaultRead </c> and <c>DefaultWrite </c> are levels
    /// (<c>two-sloppy</c>), times
    /// are <c>00:00:05</c>, seconds, or <c>250ms</c>. A key that nobody knows is refused.
    /// </param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, IConfiguration section) =>
        services.AddGossipdb(Options.Options.DefaultName, section);

    /// <summary>Registers a client under a name.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key of the service, and the name of its options.</param>
    /// <param name="endpoints">
    /// Addresses of some of the cluster's nodes, separated by commas, or a connection string (<see cref="GossipdbOptions.Parse"/>).
    /// </param>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, string name, string endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var isString = endpoints.Contains('=', StringComparison.Ordinal);
        if (isString) GossipdbOptions.Parse(endpoints);
        return services.AddGossipdb(name, options =>
        {
            if (isString) ConnectionString.ApplyTo(options, endpoints);
            else options.Endpoints = GossipdbOptions.ForEndpoints(endpoints).Endpoints;
        });
    }

    /// <summary>Registers a client under a name.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key of the service, and the name of its options.</param>
    /// <param name="section">The options; see <see cref="AddGossipdb(IServiceCollection, IConfiguration)"/>.</param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddGossipdb(name, options => OptionsSection.ApplyTo(options, section));
    }

    /// <summary>Registers a client under a name.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key of the service, and the name of its options.</param>
    /// <param name="configure">Sets the client's options; called when the host starts, or the client is first asked for.</param>
    public static IServiceCollection AddGossipdb(this IServiceCollection services, string name, Action<GossipdbOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        object? key = name.Length == 0 ? null : name;
        if (services.Any(service => service.ServiceType == typeof(GossipdbClient) && Equals(service.ServiceKey, key))) return services;
        services.AddOptions<GossipdbOptions>(name)
            .Configure(configure)
            .PostConfigure<IServiceProvider>(static (options, provider) => options.LoggerFactory ??= provider.GetService<ILoggerFactory>())
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GossipdbOptions>, OptionsValidation>());
        services.Add(key is null
            ? ServiceDescriptor.Singleton(static provider => Create(provider, Options.Options.DefaultName))
            : ServiceDescriptor.KeyedSingleton(key, static (provider, key) => Create(provider, (string)key!)));
        return services;
    }

    private static GossipdbClient Create(IServiceProvider provider, string name) =>
        new(provider.GetRequiredService<IOptionsMonitor<GossipdbOptions>>().Get(name));
}
