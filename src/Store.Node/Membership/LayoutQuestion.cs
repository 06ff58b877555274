using System.Net.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Placement;
using Grpc.Core;

namespace Gossipdb.Node.Membership;

/// <summary>Asks another node for the layout, and where its data port is, where clients do: for nodes that it does not talk to.</summary>
internal static class LayoutQuestion
{
    /// <summary>What a node says.</summary>
    /// <param name="Layout">The layout.</param>
    /// <param name="DataPort">Its data port; null where it does not say, because it is of a version that did not.</param>
    public sealed record Answer(Layout Layout, int? DataPort);

    /// <summary>What the node says.</summary>
    /// <param name="endpoint">Where clients reach it.</param>
    /// <param name="patience">How long it may take, connecting included.</param>
    /// <param name="tls">What to show it, and whom to expect; null where nodes speak plain.</param>
    /// <param name="authorization">What says that a node asks, where no certificate does; null for nothing.</param>
    /// <param name="stop">Gives up waiting.</param>
    /// <exception cref="RpcException">It does not answer.</exception>
    /// <exception cref="System.Text.Json.JsonException">It says what is no layout.</exception>
    /// <exception cref="ArgumentException">The same; or the endpoint is none.</exception>
    public static async Task<Answer> AskAsync(
        string endpoint, TimeSpan patience, SslClientAuthenticationOptions? tls = null, string? authorization = null,
        CancellationToken stop = default)
    {
        using var channel = ClientPortChannel.To(endpoint, tls, patience, maxAnswerBytes: null);
        var reply = await new Admin.AdminClient(channel).LayoutAsync(
            new LayoutRequest(),
            authorization is null ? [] : new Metadata { { "authorization", authorization } },
            DateTime.UtcNow + patience,
            stop);
        return new(LayoutFile.Decode(reply.Encoded.ToByteArray()), reply.DataPort is > 0 and <= 65_535 ? (int)reply.DataPort : null);
    }

    /// <summary>Why a node did not answer, in a few words.</summary>
    public static string Reason(RpcException silent) => silent.StatusCode == StatusCode.DeadlineExceeded
        ? "no answer in time"
        : silent.Status.DebugException?.GetBaseException().Message ?? silent.Status.Detail;
}
