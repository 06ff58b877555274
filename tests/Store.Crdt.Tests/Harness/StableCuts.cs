using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Tests.Harness;

internal static class StableCuts
{
    /// <summary>A state as it is at a stable cut at or above its own.</summary>
    public static Crdt AtCut(this Crdt state, StableCut cut)
    {
        if (cut == StableCut.None) return state;
        var collected = Reading.Decode(state.ToBytes());
        collected.Collect(cut);
        return collected;
    }
}
