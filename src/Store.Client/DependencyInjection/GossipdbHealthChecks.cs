using Gossipdb.Client;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of clients of Gossipdb.</summary>
public static class GossipdbHealthChecks
{
    /// <summary>
    /// Asks every node that the application's client is connected to for a sign of life. Healthy: more than half of the nodes that it knows
    /// answer. Degraded: some do, so that calls with a low level of consistency may be served. Unhealthy, or what is given for it: none
    /// does.
    /// The data have how many there are and how many answer.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The name of the check; null for "gossipdb", and behind it the client's name where it has one.</param>
    /// <param name="client">The name that the client is registered under; null for none.</param>
    /// <param name="failureStatus">What is reported where no node answers; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to choose checks by, such as "ready".</param>
    /// <param name="timeout">How long the check may take; null for the client's <see cref="GossipdbOptions.Timeout"/>.</param>
    public static IHealthChecksBuilder AddGossipdb(
        this IHealthChecksBuilder builder,
        string? name = null,
        string? client = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (client is null ? "gossipdb" : $"gossipdb-{client}"),
            provider => new ClientHealthCheck(client is null
                ? provider.GetRequiredService<GossipdbClient>()
                : provider.GetRequiredKeyedService<GossipdbClient>(client)),
            failureStatus,
            tags,
            timeout));
    }

    private sealed class ClientHealthCheck(GossipdbClient client) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var (nodes, answering) = await client.AskNodesAsync(cancellationToken).ConfigureAwait(false);
                var data = new Dictionary<string, object> { ["nodes"] = nodes, ["answering"] = answering };
                var said = $"{answering} of {nodes} nodes answer.";
                return answering * 2 > nodes ? HealthCheckResult.Healthy(said, data)
                    : answering > 0 ? HealthCheckResult.Degraded(said, data: data)
                    : new HealthCheckResult(context.Registration.FailureStatus, said, data: data);
            }
            catch (GossipdbException failure)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, failure.Message, failure);
            }
        }
    }
}
