using System.Globalization;
using System.Text.Json.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>How the answers that several types have in common are told.</summary>
internal static class Answers
{
    public static Answer Number(StoredType type, long number) =>
        new([number.ToString(CultureInfo.InvariantCulture)], JsonValue.Create(number), ValueOutput.NameOf(type));

    public static Answer Number(StoredType type, long? number, string whenNone) =>
        number is { } some ? Number(type, some) : new([], null, ValueOutput.NameOf(type), whenNone);

    public static Answer YesOrNo(StoredType type, bool yes) => new([yes ? "yes" : "no"], JsonValue.Create(yes), ValueOutput.NameOf(type));

    public static Answer Several(DataCall call, StoredType type, IEnumerable<Bytes> all, string whenNone) =>
        new(call.Form.Lines(all), ValueOutput.Json(all, call.Form), ValueOutput.NameOf(type), whenNone);

    public static Answer Page<T>(
        DataCall call,
        StoredType type,
        Page<T> page,
        Func<IEnumerable<T>, ByteForm, IEnumerable<string>> lines,
        Func<IEnumerable<T>, ByteForm, JsonArray> json) =>
        new(
            lines(page.Items, call.Form),
            new JsonObject { ["items"] = json(page.Items, call.Form), ["next"] = page.Next },
            ValueOutput.NameOf(type))
        {
            Remark = page.Next is { } next ? $"(more: --cursor {next})" : "(that was all)",
        };
}
