using CsCheck;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Json;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests.Json;

/// <summary>
/// Which places there are and what they hold. What kind a place on a path is, its name tells: arrays are at "l", objects at the others.
/// What is inside an array is left out of the value: that replicas agree on it is checked by their bytes, what it means by examples.
/// </summary>
internal sealed class JsonDocumentSpec() : TypeSpec(CrdtType.Json)
{
    private static readonly Gen<string> Path = OneOf("/a", "/a/b", "/a/c", "/a/b/c");

    private static readonly Gen<Operation> InArrays = OneOf<Operation>(
        new JsonSet("/l", "[1,2]"),
        new JsonSet("/l", "[10,11,{\"x\":{\"y\":12}},13,14,[20,21,[],23,{\"x\":24,\"a\":[]}],15,16,17,18,19]"),
        new JsonSet("/l/2", "30"),
        new JsonSet("/l/2/x", "[31,32,33,34]"),
        new JsonSet("/l/5/2", "35"),
        new JsonInsert("/l/3", "[36,37,38,39]"),
        new JsonInsert("/l/5/1", "40"),
        new JsonRemove("/l/2"),
        new JsonRemove("/l/5/3"),
        new JsonRemove("/l/7"),
        new JsonInsert("/l/0", "3"),
        new JsonInsert("/l/1", "4"),
        new JsonInsert("/l/-", "{\"x\":5}"),
        new JsonSet("/l/0", "6"),
        new JsonSet("/l/1/x", "7"),
        new JsonRemove("/l/0"),
        new JsonRemove("/l/1"),
        new JsonRemove("/l"));

    public override Gen<Operation> Operations(int depth) => Gen.Frequency(
        (4, Gen.Select(Path, OneOf("1", "2", "{}", "{\"b\":3}", "{\"b\":{\"c\":null}}")).Select((path, value) =>
            (Operation)new JsonSet(path, value))),
        (2, Path.Select(path => (Operation)new JsonRemove(path))),
        (1, OneOf("{\"a\":{\"b\":4}}", "{\"l\":[8]}").Select(value => (Operation)new JsonSet("", value))),
        (4, InArrays));

    /// <summary>Where the path leads nowhere, something else that always does.</summary>
    public override Operation Fit(Operation operation, Crdt state)
    {
        var fallback = state.IsVisible ? new JsonRemove("/a") : (Operation)new JsonSet("", "{}");
        if (PathOf(operation).StartsWith("/l/", StringComparison.Ordinal) && ((JsonDocument)state).Get("/l")?[0] != '[') return fallback;
        try
        {
            state.Mutate(operation, new UpdateContext(new ReplicaId(1), new VersionVector(), new HybridTimestamp(1), default));
            return operation;
        }
        catch (ArgumentException)
        {
            return fallback;
        }
    }

    /// <summary>
    /// A place holds the assignments that nothing seeing them replaced: a set or a removal at the place or above it, or an assertion of
    /// the place.
    /// </summary>
    public override string? Value(IReadOnlyList<Step> history)
    {
        var live = history.SelectMany(step => Assignments(step.Operation).Select(a => (Step: step, a.Path, a.Value)))
            .Where(a => !history.Any(later => later.Sees(a.Step) && Replaces(later.Operation, a.Path)))
            .GroupBy(a => a.Path)
            .ToDictionary(place => place.Key, place => place.OrderBy(a => (a.Step.Event.Timestamp, a.Step.Event.Name)).Last().Value);
        return Show("", live);
    }

    public override string Read(Crdt state)
    {
        using var document = System.Text.Json.JsonDocument.Parse(((JsonDocument)state).ToJson()!);
        Assert.True(state.ApproximateBytes > 0);
        return Masked(document.RootElement);
    }

    public override IEnumerable<(string Name, Crdt State)> Samples()
    {
        var json = new SimulatedReplica(Type, 0xA);
        yield return ("json: set the document", json.Do(new JsonSet("", "{\"a\":[1,\"é\"],\"b\":null}")).Delta);
        yield return ("json: set below", json.Do(new JsonSet("/c/d", "-1.50e3")).Delta);
        yield return ("json: insert", json.Do(new JsonInsert("/a/1", "{\"x\":true}")).Delta);
        yield return ("json: remove", json.Do(new JsonRemove("/b")).Delta);
        json.Join(With(new JsonSet("", "7"), 0xC), whole: true);
        yield return ("json: state", json.State.Copy());
        yield return ("json: clear", json.Do(new Delete(Type)).Delta);
        yield return ("json: run of elements", json.Do(new JsonSet("", "[0,1,{\"b\":2,\"a\":{}},[],\"é\",[[5,6],7],8,9,10,11,12]")).Delta);
        yield return ("json: set in a run", json.Do(new JsonSet("/8", "[20,21,22,23]")).Delta);
        yield return ("json: runs", json.State.Copy());
    }

    private static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static string? Show(string path, Dictionary<string, string> live)
    {
        if (!live.TryGetValue(path, out var value)) return null;
        if (value != "{") return value;
        var fields = new[] { "a", "b", "c", "l" }
            .Select(name => (Name: name, Text: Show($"{path}/{name}", live)))
            .Where(f => f.Text is not null);
        return "{" + string.Join(",", fields.Select(f => $"{f.Name}:{f.Text}")) + "}";
    }

    private static string Masked(System.Text.Json.JsonElement element) => element.ValueKind switch
    {
        System.Text.Json.JsonValueKind.Array => "[",
        System.Text.Json.JsonValueKind.Object =>
            "{" + string.Join(",", element.EnumerateObject().Select(f => $"{f.Name}:{Masked(f.Value)}")) + "}",
        _ => element.GetRawText(),
    };

    private static IEnumerable<(string Path, string Value)> Assignments(Operation operation)
    {
        if (operation is not (JsonSet or JsonInsert)) yield break;
        var path = PathOf(operation);
        for (var above = Above(path); above is not null; above = Above(above))
        {
            if (!above.Contains("/l/", StringComparison.Ordinal)) yield return (above, above == "/l" ? "[" : "{");
        }

        if (operation is not JsonSet { Value: var text } || path.Contains("/l/", StringComparison.Ordinal)) yield break;
        using var document = System.Text.Json.JsonDocument.Parse(text);
        foreach (var assignment in Assignments(path, document.RootElement.Clone())) yield return assignment;
    }

    private static IEnumerable<(string Path, string Value)> Assignments(string path, System.Text.Json.JsonElement value)
    {
        if (value.ValueKind is not System.Text.Json.JsonValueKind.Object) return [(path, Masked(value))];
        return value.EnumerateObject().SelectMany(f => Assignments($"{path}/{f.Name}", f.Value)).Prepend((path, "{"));
    }

    private static bool Replaces(Operation operation, string place)
    {
        if (operation is Delete) return true;
        var path = PathOf(operation);
        var isAtOrAbove = path == place || place.StartsWith(path + "/", StringComparison.Ordinal);
        return operation is JsonInsert ? IsBelow(path, place) : isAtOrAbove || (operation is JsonSet && IsBelow(path, place));
    }

    private static bool IsBelow(string path, string place) => path.StartsWith(place + "/", StringComparison.Ordinal);

    private static string? Above(string path) => path.Length == 0 ? null : path[..path.LastIndexOf('/')];

    private static string PathOf(Operation operation) => operation switch
    {
        JsonSet set => set.Path,
        JsonInsert insert => insert.Path,
        _ => ((JsonRemove)operation).Path,
    };
}
