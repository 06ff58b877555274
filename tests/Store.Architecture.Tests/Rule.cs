using System.Runtime.CompilerServices;

namespace Gossipdb.Architecture.Tests;

internal static class Rule
{
    /// <summary>
    /// A rule, by the name of its test, holds of a project where nothing breaks it. Where <see cref="NotYet"/> says that it does not hold
    /// yet, something must still break it.
    /// </summary>
    public static void Holds(string project, IEnumerable<string> breaks, [CallerMemberName] string rule = "")
    {
        string[] found = [.. breaks];
        if (NotYet.Holds.Contains((rule, project)))
            Assert.True(found.Length > 0, $"this holds of {project} now: take it off the list in NotYet.cs");
        else
            Assert.True(found.Length == 0, $"{project}:\n{string.Join('\n', found)}");
    }
}
