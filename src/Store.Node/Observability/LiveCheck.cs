using Gossipdb.Node.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossipdb.Node.Observability;

/// <summary>Live as long as the node has not failed and every part of it has answered within gossipdb.health.dead-after.</summary>
internal sealed class LiveCheck(NodeHealth health, NodeSettings settings) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.IsLive(settings.DeadAfter) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(health.Trouble));
}
