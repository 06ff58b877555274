namespace Gossipdb.Client;

/// <summary>
/// The name of one restored object, the same whenever the restoring is repeated. What adds up (a counter, a list) counts once by it.
/// </summary>
/// <param name="Id">Draw it from the backup, the key and the part. Not 0.</param>
/// <param name="Deadline">Until when it may be repeated: a day ahead at most. Nodes remember the name until then.</param>
/// <param name="MayHaveBeenSent">True unless this is certainly the first time.</param>
public sealed record RestoreName(ulong Id, DateTimeOffset Deadline, bool MayHaveBeenSent);
