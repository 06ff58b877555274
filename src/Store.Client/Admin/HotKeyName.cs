namespace Gossipdb.Client.Admin;

/// <summary>A key, of which a long one is cut.</summary>
/// <param name="Kept">How it begins.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Hash">Of all of them.</param>
internal readonly record struct HotKeyName(Bytes Kept, int Length, ulong Hash);
