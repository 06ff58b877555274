using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary>One command's call: a connected client, or a session of it, and what the command line says.</summary>
internal sealed record DataCall(GossipdbStore Client, ParseResult Parse, Bytes Key, Read Read, Write Write, CancellationToken Stop)
{
    /// <summary>The names that lead from the key's map to the object; none where the key itself holds it.</summary>
    public required IReadOnlyList<Bytes> Path { get; init; }

    /// <summary>How the answer says bytes.</summary>
    public required ByteForm Form { get; init; }

    /// <summary>What the object is called among <see cref="Objects"/>.</summary>
    public Bytes Name => Path.Count == 0 ? Key : Path[^1];

    /// <summary>Where the object is: among the keys, or among the fields of a map.</summary>
    public ObjectHandles Objects => Path.Count == 0
        ? Client
        : Path.SkipLast(1).Aggregate(Client.Map(Key), static (map, name) => map.Fields.Map(name)).Fields;

    /// <summary>The object as messages call it.</summary>
    public string Shown => $"'{string.Join('/', Form.Lines(Path.Prepend(Key)))}'";

    public T Get<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);

    public T? Get<T>(Option<T> option) => Parse.GetValue(option);
}
