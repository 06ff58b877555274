namespace Gossipdb.Client;

/// <summary>Objects of derived classes that stand in for the client's in an application's tests: there is no cluster behind them.</summary>
internal static class StandIn
{
    public static NotSupportedException NotOverridden(object standIn) =>
        new($"{standIn.GetType()} stands in for the client's in a test, and does not override what was called.");
}
