using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>Tells every node the faults of an experiment.</summary>
internal sealed class FaultCalls(NodeCalls calls, ClusterPoll poll)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Puts a page's faults in force in place of those that are. Nodes that do not answer are named: they know nothing of it. Where one
    /// says that they make no sense, they are refused as a whole; nodes say so before they do anything.
    /// </summary>
    public async Task RunAsync(HttpContext http)
    {
        var wanted = FaultTexts.Told(await Answers.ReadAsync(http, DashboardJson.Default.FaultsShown));
        var credentials = calls.CredentialsOf(http);
        var missing = new Dictionary<int, string>();
        RpcException? refusal = null;
        await Task.WhenAll(calls.Nodes.Select(TellAsync));
        poll.Kick();
        if (refusal is not null) throw refusal;
        await Answers.TellAsync(http, new FaultsTold(missing), DashboardJson.Default.FaultsTold);

        async Task TellAsync(NodeId node)
        {
            try
            {
                await calls.Operator(node).SetFaultsAsync(wanted, NodeCalls.Options(credentials, AnswerWithin, http.RequestAborted));
            }
            catch (RpcException failure)
            {
                if (failure.StatusCode is StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.Unauthenticated)
                    refusal = failure;
                else lock (missing) missing[node.Value] = Answers.ReasonOf(failure);
            }
        }
    }
}
