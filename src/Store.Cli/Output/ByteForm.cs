using Gossipdb.Client;

namespace Gossipdb.Cli.Output;

/// <summary>
/// How the command line says bytes: keys, fields, elements, members and the values of registers. What it prints in one form it reads back
/// in the same, and no two byte strings
/// are printed alike. Texts and JSON documents are text, and are taken and printed as they are.
/// </summary>
internal abstract class ByteForm
{
    /// <summary>The rule, for the help.</summary>
    public static IReadOnlyList<string> Rule { get; } =
    [
        @"They are bytes, written as text in which \xNN is the byte of that hexadecimal number; all other backslashes are what they are.",
        @"What is printed reads back: a text that itself holds such an escape is printed with \x5c in place of its backslash.",
        "With --hex all of them are taken and printed in hexadecimal, two digits a byte: 6b657931 is key1.",
        "Texts and JSON documents are text: there \\xNN is no byte.",
    ];

    /// <summary>Text as it is, and <c>\xNN</c> for what is not.</summary>
    public static ByteForm Escaped { get; } = new EscapedForm();

    /// <summary>Two hexadecimal digits a byte.</summary>
    public static ByteForm Hex { get; } = new HexForm();

    /// <summary>What a word says.</summary>
    /// <exception cref="FormatException">The word says no bytes in this form.</exception>
    public abstract Bytes Read(string word);

    /// <summary>Bytes that are one of several, or part of a line: without line breaks and other control characters.</summary>
    public abstract string Line(Bytes bytes);

    /// <summary>Bytes that stand alone, or in a JSON string, which needs no line.</summary>
    public abstract string Whole(Bytes bytes);

    public IEnumerable<string> Lines(IEnumerable<Bytes> all) => all.Select(Line);

    private sealed class EscapedForm : ByteForm
    {
        public override Bytes Read(string word) => Bytes.FromEscaped(word);

        public override string Line(Bytes bytes) => bytes.ToEscaped();

        public override string Whole(Bytes bytes) => bytes.ToEscaped(keepControls: true);
    }

    private sealed class HexForm : ByteForm
    {
        public override Bytes Read(string word) => Bytes.FromHex(word);

        public override string Line(Bytes bytes) => bytes.ToHex();

        public override string Whole(Bytes bytes) => bytes.ToHex();
    }
}
