using System.Text.Json;
using Gossipdb.Client;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node;

/// <summary>
/// How a node that hears no other one learns whether it was declared lost meanwhile: it asks the others, one after the other, where clients do. Between nodes nobody would tell it: those that have given it up as a member
/// of the Akka cluster do not talk to this process any more.
/// </summary>
/// <param name="node">The node.</param>
internal sealed class LayoutProbe(NodeContext node)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private const long IntervalMs = 5_000;
    private long _nextMs = node.Clock.SteadyMs + IntervalMs;
    private int _turn;

    /// <summary>Asks one other node, where none has been heard for a while and it is time to.</summary>
    /// <param name="isAlone">Whether this node hears no other one.</param>
    /// <returns>What it says, or null where it does not answer; null where there is nobody to ask.</returns>
    public Task<Layout?>? Ask(bool isAlone)
    {
        var now = node.Clock.SteadyMs;
        if (!isAlone) _nextMs = now + IntervalMs;
        if (now < _nextMs) return null;
        _nextMs = now + IntervalMs;
        var cuts = node.Cuts;
        var others = node.Layout.Members.Where(member => member.Id != node.Settings.Id && !cuts.Contains(member.Id)).ToArray();
        return others.Length == 0 ? null : AskAsync(others[_turn++ % others.Length].ClientEndpoint);
    }

    private static async Task<Layout?> AskAsync(string endpoint)
    {
        try
        {
            using var admin = new GossipdbAdmin(endpoint, Patience);
            return LayoutFile.Decode(await admin.LayoutBytesAsync());
        }
        catch (Exception silent) when (silent is GossipdbException or JsonException or ArgumentException)
        {
            // It is out of reach, most likely; the next one is asked.
            return null;
        }
    }
}
