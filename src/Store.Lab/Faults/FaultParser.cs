using Gossipdb.Lab.Words;

namespace Gossipdb.Lab.Faults;

/// <summary>From words to a command.</summary>
internal static class FaultParser
{
    public static FaultCommand Parse(string text, FaultScope scope)
    {
        var words = FaultTokens.Of(text);
        if (words.Count == 0) throw new FaultFormatException($"there are no words; a fault is one of {FaultWords.Names}", "", 0);
        if (FaultWords.Find(words[0].Text) is not { } about)
        {
            var near = Nearest.Of(words[0].Text, FaultWords.All.Select(static one => one.Word));
            throw new FaultFormatException(
                $"'{words[0].Text}' is no fault; {(near is null ? $"there are {FaultWords.Names}" : $"did you mean '{near}'?")}",
                words[0].Text,
                words[0].Position);
        }

        var syntax = new FaultSyntax(text, about, words[1..], scope);
        var command = about.Read(syntax);
        syntax.End();
        return command;
    }
}
