namespace Gossipdb.Node.Observability;

/// <summary>
/// A question to a part of the node. Where the part has ended, whoever asks is told so at once, and waits for no time-out.
/// </summary>
internal interface IPartQuestion;
