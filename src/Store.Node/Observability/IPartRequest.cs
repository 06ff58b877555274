namespace Gossipdb.Node.Observability;

/// <summary>A request to a part of the node that somebody outside waits for. Where the part has ended, it answers for itself.</summary>
internal interface IPartRequest
{
    /// <summary>The part it was sent to has ended.</summary>
    void PartEnded();
}
