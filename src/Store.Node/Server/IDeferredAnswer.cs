namespace Gossipdb.Node.Server;

/// <summary>A read whose answer had no room.</summary>
internal interface IDeferredAnswer
{
    /// <summary>The room its answer needs.</summary>
    long AnswerBytes { get; }

    /// <summary>Until when it may wait, in steady milliseconds.</summary>
    long DeadlineMs { get; }

    /// <summary>There is room, and it is taken: read again.</summary>
    void Resume();

    /// <summary>It has waited too long.</summary>
    void Expire();
}
