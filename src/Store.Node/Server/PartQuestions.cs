using Akka.Actor;
using Gossipdb.Node.Partitions;
using Grpc.Core;

namespace Gossipdb.Node.Server;

/// <summary>
/// Asks parts of the node, all at once and within one span of time. A part that does not answer is named and keeps nothing back of what
/// the others say.
/// </summary>
/// <param name="within">How long an answer may take.</param>
/// <param name="cancelled">The asker has gone.</param>
internal sealed class PartQuestions(TimeSpan within, CancellationToken cancelled)
{
    private readonly List<string> _unanswered = [];

    /// <summary>The parts that did not answer.</summary>
    public IReadOnlyList<string> Unanswered => _unanswered;

    /// <summary>The answer of one part; null where there is none in time.</summary>
    public async Task<T?> AskAsync<T>(string name, IActorRef part, object query)
        where T : class
    {
        try
        {
            return await part.Ask<T>(query, within, cancelled);
        }
        catch (LookFailedException failed)
        {
            throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, failed.Message));
        }
        catch (Exception silent) when (!cancelled.IsCancellationRequested
            && silent is AskTimeoutException or InvalidOperationException or OperationCanceledException or TimeoutException)
        {
            lock (_unanswered) _unanswered.Add(name);
            return null;
        }
    }
}
