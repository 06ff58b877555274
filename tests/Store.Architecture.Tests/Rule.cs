namespace Gossipdb.Architecture.Tests;

internal static class Rule
{
    /// <summary>A rule holds of a project where nothing breaks it.</summary>
    public static void Holds(string project, IEnumerable<string> breaks)
    {
        string[] found = [.. breaks];
        Assert.True(found.Length == 0, $"{project}:\n{string.Join('\n', found)}");
    }
}
