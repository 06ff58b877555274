using System.CommandLine;
using System.CommandLine.Parsing;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Words;

/// <summary>Arguments and options that say bytes, and the option that says in which form: see <see cref="ByteForm"/>.</summary>
internal sealed class ByteSymbols
{
    public Option<bool> Hex { get; } = new("--hex")
    {
        Description = "Take and print keys, fields, elements, members and values in hexadecimal, two digits a byte (default: as text, in "
            + "which \\xNN is a byte)",
    };

    public ByteForm Form(ParseResult parse) => parse.GetValue(Hex) ? ByteForm.Hex : ByteForm.Escaped;

    public ByteForm Form(SymbolResult parse) => parse.GetValue(Hex) ? ByteForm.Hex : ByteForm.Escaped;

    /// <summary>An argument that must be given.</summary>
    public Argument<Bytes> One(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Read(result, name) is [var one, ..] ? one : default,
    };

    /// <summary>An argument that may be left out.</summary>
    public Argument<Bytes?> Perhaps(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => Read(result, name) is [var one, ..] ? one : (Bytes?)null,
    };

    /// <summary>An argument that is given as often as wanted, at least once unless said otherwise.</summary>
    public Argument<Bytes[]> Several(string name, string description, bool orNone = false) => new(name)
    {
        Description = description,
        Arity = orNone ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        CustomParser = result => Read(result, name),
    };

    /// <summary>An option with one word.</summary>
    public Option<Bytes?> Option(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Read(result, name) is [var one, ..] ? one : (Bytes?)null,
    };

    /// <summary>An option that is given as often as wanted, each time with one word.</summary>
    public Option<Bytes[]> Options(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => Read(result, name),
    };

    private Bytes[] Read(ArgumentResult result, string name)
    {
        var form = Form(result);
        try
        {
            return [.. result.Tokens.Select(token => form.Read(token.Value))];
        }
        catch (FormatException problem)
        {
            result.AddError($"{name}: {problem.Message}");
            return [];
        }
    }
}
