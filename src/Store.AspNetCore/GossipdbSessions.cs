using Gossipdb.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gossipdb.AspNetCore;

/// <summary>Sessions of Gossipdb that go on from request to request.</summary>
public static class GossipdbSessions
{
    /// <summary>
    /// Registers the request's <see cref="GossipdbSession"/> as a scoped service, and Data Protection, by which the token is encrypted and
    /// signed. Web servers that are to know each other's tokens share their keys, as for cookies that say who is logged in.
    /// </summary>
    /// <param name="services">The application's services; a client is registered with <c>AddGossipdb</c>.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddGossipdbSessions(
        this IServiceCollection services, Action<GossipdbSessionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddDataProtection();
        services.AddOptions<GossipdbSessionOptions>();
        if (configure is not null) services.Configure(configure);
        services.TryAddSingleton<TokenEnvelope>();
        services.TryAddScoped<RequestSession>();
        services.TryAddScoped(static provider => provider.GetRequiredService<RequestSession>().Session);
        return services;
    }

    /// <summary>
    /// Carries the token: what the request's session begins with comes from the request, and what it ends with goes with the response,
    /// where
    /// the session was used and has seen more. Comes before whatever uses the session. What is seen once the response has begun is not
    /// carried.
    /// <para>
    /// A token in a cookie that cannot be read (tampered with, too large, of other keys) counts as none: the visitor begins a new
    /// session, the
    /// cookie is replaced, and the log says so. In a header it is refused with status 400: a program that sent it relies on it.
    /// </para>
    /// </summary>
    /// <exception cref="InvalidOperationException">An option makes no sense, or <c>AddGossipdbSessions</c> was not called.</exception>
    public static IApplicationBuilder UseGossipdbSessions(this IApplicationBuilder application)
    {
        ArgumentNullException.ThrowIfNull(application);
        if (application.ApplicationServices.GetService<TokenEnvelope>() is null)
            throw new InvalidOperationException("UseGossipdbSessions needs services.AddGossipdbSessions().");
        return application.UseMiddleware<SessionMiddleware>();
    }
}
