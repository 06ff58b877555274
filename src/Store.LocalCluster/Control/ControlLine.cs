using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gossipdb.LocalCluster.Control;

/// <summary>An order as it goes over the socket: one line of JSON.</summary>
internal sealed record ControlOrder
{
    /// <summary>Asks which processes there are.</summary>
    public const string List = "list";

    /// <summary>Asks for one more node.</summary>
    public const string New = "new";

    /// <summary>Asks which processes there are, and what becomes of the run of an experiment.</summary>
    public const string Look = "look";

    /// <summary>Asks which experiments there are.</summary>
    public const string Scenarios = "scenarios";

    /// <summary>Asks for a run of one.</summary>
    public const string Run = "run";

    /// <summary>Ends the run that goes on.</summary>
    public const string EndRun = "end-run";

    /// <summary>One of those, or a <see cref="NodeOrder"/> in lower case.</summary>
    public required string Order { get; init; }

    /// <summary>To which node; 0 where it is to none.</summary>
    public int Node { get; init; }

    /// <summary>Where a copy of its files is; null for orders without.</summary>
    public string? Directory { get; init; }

    /// <summary>Which experiment is to be run.</summary>
    public string? Scenario { get; init; }

    /// <summary>Who wants a run, or its end.</summary>
    public string? By { get; init; }
}

/// <summary>The answer: one line of JSON.</summary>
internal sealed record ControlAnswer
{
    /// <summary>Why it was not done; null where it was.</summary>
    public string? Error { get; init; }

    /// <summary>Further lines to that.</summary>
    public string? Detail { get; init; }

    /// <summary>The processes, where they were asked for.</summary>
    public IReadOnlyList<NodeProcessStatus>? Processes { get; init; }

    /// <summary>The node that was started, where one more was asked for.</summary>
    public NodeAddress? Started { get; init; }

    /// <summary>The experiments, where they were asked for.</summary>
    public IReadOnlyList<ScenarioOffer>? Scenarios { get; init; }

    /// <summary>The run that goes on, or else the last one.</summary>
    public ScenarioSight? Run { get; init; }
}

/// <summary>Lines of JSON over a socket, of bounded length.</summary>
internal static class ControlLine
{
    /// <summary>The longest line, in bytes: a cluster of the most nodes is told in a third of it.</summary>
    public const int MaxBytes = 64 << 10;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it goes into no page
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public static async Task WriteAsync<T>(Stream stream, T message, CancellationToken stop)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message, Json) + "\n"), stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>Reads one line; null where the other end has closed the connection before it began one.</summary>
    /// <exception cref="InvalidDataException">The line is too long, broken off, or no such message.</exception>
    public static async Task<T?> ReadAsync<T>(Stream stream, CancellationToken stop)
        where T : class
    {
        var buffer = new byte[MaxBytes];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length) throw new InvalidDataException($"the line is longer than {MaxBytes} bytes");
            var read = await stream.ReadAsync(buffer.AsMemory(length), stop);
            if (read == 0) return length == 0 ? null : throw new InvalidDataException("the line is broken off");
            var end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            length += read;
            if (end < 0) continue;
            try
            {
                return JsonSerializer.Deserialize<T>(buffer.AsSpan(0, length - read + end), Json)
                    ?? throw new InvalidDataException("the line says null");
            }
            catch (JsonException problem)
            {
                throw new InvalidDataException($"the line is not understood: {problem.Message}", problem);
            }
        }
    }
}
