namespace Gossipdb.Client;

/// <summary>A value read, with the receipt of the read.</summary>
/// <param name="Value">What was read.</param>
/// <param name="Receipt">Whose state the value covers.</param>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct Result<T>(T Value, Receipt Receipt);

/// <summary>For callers that want no receipt.</summary>
internal static class Results
{
    public static async Task<T> ValueAsync<T>(this Task<Result<T>> reading) => (await reading.ConfigureAwait(false)).Value;
}
