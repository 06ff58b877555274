namespace Gossipdb.Lab.Faults;

/// <summary>A fault that comes and goes: "--every 2s --for 500ms".</summary>
/// <param name="Every">How often it begins.</param>
/// <param name="For">How long it is in force each time; less than that.</param>
public sealed record Flapping(TimeSpan Every, TimeSpan For)
{
    /// <inheritdoc/>
    public override string ToString() => $"--every {Amounts.Text(Every)} --for {Amounts.Text(For)}";
}
