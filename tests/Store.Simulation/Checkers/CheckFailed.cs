namespace Gossipdb.Simulation.Checkers;

/// <summary>A checker saw what must never happen.</summary>
public sealed class CheckFailed(string what) : Exception(what);
