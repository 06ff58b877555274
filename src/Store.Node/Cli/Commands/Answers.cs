using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Client;

namespace Gossipdb.Node.Cli.Commands;

/// <summary>How the answers that several types have in common are told.</summary>
internal static class Answers
{
    public static Answer Number(StoredType type, long number) =>
        new([number.ToString(CultureInfo.InvariantCulture)], JsonValue.Create(number), ValueOutput.NameOf(type));

    public static Answer Number(StoredType type, long? number, string whenNone) =>
        number is { } some ? Number(type, some) : new([], null, ValueOutput.NameOf(type), whenNone);

    public static Answer YesOrNo(StoredType type, bool yes) => new([yes ? "yes" : "no"], JsonValue.Create(yes), ValueOutput.NameOf(type));

    public static Answer Texts(StoredType type, IEnumerable<string> texts, string whenNone) =>
        new(texts, ValueOutput.Json(texts), ValueOutput.NameOf(type), whenNone);

    public static Answer Page<T>(
        StoredType type, Page<T> page, Func<IEnumerable<T>, IEnumerable<string>> lines, Func<IEnumerable<T>, JsonArray> json) =>
        new(lines(page.Items), new JsonObject { ["items"] = json(page.Items), ["next"] = page.Next }, ValueOutput.NameOf(type))
        {
            Remark = page.Next is { } next ? $"(more: --cursor {next})" : "(that was all)",
        };
}
