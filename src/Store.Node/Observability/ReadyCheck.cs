using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossipdb.Node.Observability;

/// <summary>Ready once every owned partition serves and the journal works.</summary>
internal sealed class ReadyCheck(NodeHealth health) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(health.Trouble));
}
