using System.Text.RegularExpressions;
using Gossipdb.Lab.Faults;

namespace Gossipdb.Lab.Tests.Faults;

/// <summary>docs/faults.md says of every word what it does, and nothing that is not one.</summary>
public sealed partial class FaultsPageTests
{
    private static readonly string Page = File.ReadAllText(FileOf("docs/faults.md"));

    private static readonly FaultScope Scope = new()
    {
        Groups = new Dictionary<string, IReadOnlyDictionary<string, NodeList>>
        {
            ["zone"] = new Dictionary<string, NodeList> { ["a"] = new(1), ["b"] = new(2) },
        },
    };

    [Fact]
    public void What_it_shows_can_be_read()
    {
        var shown = Code().Matches(Page)
            .Select(static match => Shell().Replace(match.Groups[1].Value, ""))
            .Where(static text => text.Contains(' ', StringComparison.Ordinal) && FaultWords.Find(text.Split(' ')[0]) is not null)
            .Where(static text => text is not "kill -9" and not "restore DIR") // other programs' and another command's
            .ToList();
        foreach (var text in shown) FaultCommand.Parse(text, Scope);
        Assert.Equal(
            FaultWords.All.Select(static word => word.Word).Order(StringComparer.Ordinal),
            shown.Select(static text => text.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_names_every_option()
    {
        foreach (var option in FaultWords.All.SelectMany(static word => word.Options))
            Assert.Contains(option.Name, Page, StringComparison.Ordinal);
    }

    private static string FileOf(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Gossipdb.sln"))) return Path.Combine(directory.FullName, path);
        throw new InvalidOperationException("the tests do not run inside the project");
    }

    // What is of the shell and not of the words.
    [GeneratedRegex("gossipdb |'")]
    private static partial Regex Shell();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();
}
