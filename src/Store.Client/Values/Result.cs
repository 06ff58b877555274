namespace Gossipdb.Client;

/// <summary>A value read, with the receipt of the read.</summary>
/// <param name="Value">What was read.</param>
/// <param name="Receipt">Whose state the value covers.</param>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct Result<T>(T Value, Receipt Receipt);
