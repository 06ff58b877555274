using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Crdt.Members;

/// <summary>What a set keeps beside one of its members. An immutable value; empty where there is nothing to keep.</summary>
internal interface IMemberValue<TSelf>
    where TSelf : struct
{
    /// <summary>True where nothing is held: a whole state does not keep such a member.</summary>
    bool IsEmpty { get; }

    /// <summary>True where a reader sees the member.</summary>
    bool IsMember { get; }

    /// <summary>True where something waits for a stable cut to be collected at.</summary>
    bool IsPending { get; }

    /// <summary>What is left of two sides' values; see <see cref="DotStore"/> for the rule.</summary>
    static abstract TSelf Join(in TSelf mine, VersionVector clock, in TSelf theirs, VersionVector otherClock);

    /// <summary>What is left at a stable cut. Asked only of what is pending.</summary>
    TSelf Collect(StableCut cut);

    void Encode(ByteWriter writer);

    static abstract TSelf Decode(ref ByteReader reader);
}
