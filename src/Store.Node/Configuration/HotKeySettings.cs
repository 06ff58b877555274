namespace Gossipdb.Node.Configuration;

/// <summary>How the keys are counted that clients ask for most.</summary>
/// <param name="IsOn">Whether they are.</param>
/// <param name="Keys">How many keys are counted in a lane, and in a half of the time that is remembered.</param>
internal sealed record HotKeySettings(bool IsOn, int Keys);
