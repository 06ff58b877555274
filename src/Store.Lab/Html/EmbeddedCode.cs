using System.Security.Cryptography;
using System.Text;

namespace Gossipdb.Lab.Html;

/// <summary>A style sheet or a script of our own, as it stands in the assembly: the only part of a page that is not escaped.</summary>
internal sealed class EmbeddedCode : Node
{
    private readonly string _element;
    private readonly string _code;

    private EmbeddedCode(string element, string file)
    {
        var name = $"Gossipdb.Lab.Reports.Assets.{file}";
        using var stream = typeof(EmbeddedCode).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        _element = element;
        _code = reader.ReadToEnd().ReplaceLineEndings("\n");
        if (_code.Contains("</", StringComparison.Ordinal)) throw new InvalidOperationException($"{file} would end its own element");
    }

    /// <summary>What a content security policy names it by.</summary>
    public string Hash => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(_code)))}'";

    /// <summary>A style sheet.</summary>
    public static EmbeddedCode Style(string file) => new("style", file);

    /// <summary>A script.</summary>
    public static EmbeddedCode Script(string file) => new("script", file);

    public override void WriteTo(TextWriter to) => to.Write($"<{_element}>{_code}</{_element}>");
}
