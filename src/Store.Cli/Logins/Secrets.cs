using System.Text;
using Gossipdb.Cli.Output;

namespace Gossipdb.Cli.Logins;

/// <summary>Reads passwords and tokens: from files, from what is piped in, or from the keyboard. Never from the command line.</summary>
internal static class Secrets
{
    /// <summary>The first line of a file; "-" is the standard input.</summary>
    public static string FromFile(string option, string path, Stream? input = null)
    {
        try
        {
            using var reader = path == "-"
                ? new StreamReader(input ?? Console.OpenStandardInput(), Encoding.UTF8, leaveOpen: true)
                : new StreamReader(path);
            return reader.ReadLine() is { Length: > 0 } line
                ? line
                : throw CliException.Usage($"{option}: {(path == "-" ? "the standard input" : $"'{path}'")} is empty");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{option}: '{path}' cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>What is typed, unseen.</summary>
    public static string FromKeyboard(string prompt, string instead)
    {
        if (Console.IsInputRedirected) throw CliException.Usage(instead);
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }

    /// <summary>A new password: of the file that is named, piped in, or typed twice.</summary>
    public static string New(string? file, Terminal terminal, string user)
    {
        const string Option = "--new-password-file";
        if (file is not null) return FromFile(Option, file, terminal.Input);
        if (Console.IsInputRedirected) return FromFile(Option, "-", terminal.Input);
        var first = FromKeyboard($"new password of {user}: ", "");
        return first == FromKeyboard("the same again: ", "")
            ? first
            : throw CliException.Usage("the two are not the same; nothing was done");
    }
}
