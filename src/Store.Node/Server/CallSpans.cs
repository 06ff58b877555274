using Gossipdb.Node.Tracing;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>What the spans of requests say of them: never a key or a value.</summary>
internal static class CallSpans
{
    /// <summary>The partition is known.</summary>
    public static void Found(TraceSpan span, int partition, int required, bool isSloppy) => span
        .Set("gossipdb.partition", partition)
        .Set("gossipdb.required", required)
        .Set("gossipdb.sloppy", isSloppy);

    /// <summary>The request is answered: ends its span.</summary>
    public static void Answered(TraceSpan span, Level? level, Reply reply)
    {
        if (level is not null) span.Set("gossipdb.level", CallCounters.NameOf(level));
        if (reply.Receipt is { } receipt)
        {
            span.Set("gossipdb.nodes", string.Join(',', receipt.Nodes));
            if (receipt.StandIns.Count > 0) span.Set("gossipdb.stand_ins", string.Join(',', receipt.StandIns));
        }

        if (reply.Error is { } error) span.End(NameOf(error.Code), error.Message);
        else span.End();
    }

    /// <summary>A code as the contract names it: UNAVAILABLE, say.</summary>
    public static string NameOf(ErrorCode code)
    {
        var values = GossipdbReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.EnumDescriptor>(nameof(ErrorCode));
        return values.FindValueByNumber((int)code)?.Name ?? ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
