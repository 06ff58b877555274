using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>The operator's side of a fake node.</summary>
internal sealed class FakeAdmin : Protocol.Admin.AdminBase
{
    public Func<StatusRequest, Protocol.NodeStatus> OnStatus { get; set; } = static _ => new();

    public Func<InspectRequest, InspectReply> OnInspect { get; set; } = static _ => new();

    public Func<Protocol.FaultSet, Protocol.FaultSet> OnFaults { get; set; } = static told => told;

    public override Task<Protocol.NodeStatus> Status(StatusRequest request, ServerCallContext context) =>
        Task.FromResult(OnStatus(request));

    public override Task<InspectReply> Inspect(InspectRequest request, ServerCallContext context) =>
        Task.FromResult(OnInspect(request));

    public override Task<Protocol.FaultSet> SetFaults(Protocol.FaultSet request, ServerCallContext context) =>
        Task.FromResult(OnFaults(request));

    public override Task<Protocol.FaultSet> Faults(FaultsRequest request, ServerCallContext context) =>
        Task.FromResult(OnFaults(new()));
}
