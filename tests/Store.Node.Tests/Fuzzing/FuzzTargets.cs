using System.Reflection;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Journal;
using Gossipdb.Node.Links;
using Gossipdb.Node.Membership;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Node.Tests.Links;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Images;
using Gossipdb.Replication.State;
using Gossipdb.Replication.Wire;

namespace Gossipdb.Node.Tests.Fuzzing;

/// <summary>All that reads bytes of another process, or of another version from the disk.</summary>
internal static class FuzzTargets
{
    private static readonly Type[] Corrupt = [typeof(CorruptDataException)];
    private static readonly TestNode Node = new(TestSettings.OfTwo(1, "gossipdb.links.unreachable-after = 900s"));

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("hello", Golden("Store.Node.Tests", "hellos"), static bytes => Hello.Decode(bytes).Encode(), Corrupt,
            [Method<Hello>(nameof(Hello.Decode)), Method<Hello>(nameof(Hello.VersionOf))]),
        new("refusal", Golden("Store.Node.Tests", "refusals"), static bytes =>
        {
            _ = Refusal.Find(bytes);
            return null;
        }, [], [Method(typeof(Refusal), nameof(Refusal.Find))]),
        new("frames", Frames(), ReadFrames, Corrupt, [Method<FrameConnection>(nameof(FrameConnection.ReadAsync))]),
        new("envelope", Envelopes(), ReadEnvelope, Corrupt, [Method<PeerLink>(nameof(PeerLink.Receive)), Method<LinkInbox>("Take")]),
        new("message", Golden("Store.Replication.Tests", "messages-"), static bytes =>
        {
            var reader = new ByteReader(bytes);
            PeerMessage.Decode(ref reader);
            return null;
        }, Corrupt, [Method<PeerMessage>(nameof(PeerMessage.Decode))]),
        new("event", Golden("Store.Replication.Tests", "events"), static bytes =>
        {
            var read = ReplicaEvent.Decode(bytes);
            _ = read.ToString();
            return null;
        }, Corrupt, [Method<ReplicaEvent>(nameof(ReplicaEvent.Decode))]),
        new("state", Golden("Store.Crdt.Tests", "types"), static bytes =>
        {
            var reader = new ByteReader(bytes);
            var state = Crdt.Crdt.Decode(ref reader);
            reader.ExpectEnd();
            foreach (var line in state.Describe()) Assert.NotNull(line);
            var writer = new ByteWriter();
            state.Encode(writer);
            return writer.ToArray();
        }, Corrupt, [Method<Crdt.Crdt>(nameof(Crdt.Crdt.Decode), 1)]),
        new("slice of an image", Golden("Store.Replication.Tests", "image-slices"), static bytes =>
        {
            ImageSlice.Read(bytes, []);
            return null;
        }, Corrupt, [Method(typeof(ImageSlice), nameof(ImageSlice.Read))]),
        new("head of an image", Golden("Store.Replication.Tests", "image-heads"), static bytes =>
        {
            var reader = new ByteReader(bytes);
            ImageHead.Decode(ref reader);
            return null;
        }, Corrupt, [Method<ImageHead>(nameof(ImageHead.Decode))]),
        new("notice of a data port", Golden("Store.Node.Tests", "data-port-notices"), static bytes =>
            DataPortNotice.Decode(bytes).Encode(), Corrupt, [Method<DataPortNotice>(nameof(DataPortNotice.Decode))]),
        new("layout", Texts("layouts"), static bytes =>
        {
            LayoutFile.Decode(bytes);
            return null;
        }, [typeof(JsonException), typeof(ArgumentException)], [Method(typeof(LayoutFile), nameof(LayoutFile.Decode))], 2_000),
        new("staged layout", Texts("staged-layouts"), static bytes =>
        {
            LayoutFile.DecodeStaged(bytes);
            return null;
        }, [typeof(JsonException), typeof(ArgumentException)], [Method(typeof(LayoutFile), nameof(LayoutFile.DecodeStaged))], 2_000),
        new("record of the journal", Golden("Store.Node.Tests", "journal"), static bytes =>
        {
            JournalRecord.TryDecode(bytes, []);
            return null;
        }, [typeof(UnknownRecordVersionException)], [Method(typeof(JournalRecord), nameof(JournalRecord.TryDecode), 2)]),
        new("accounts", Golden("Store.Replication.Tests", "accounts"), static bytes => AccountState.Decode(bytes).Encode(), Corrupt,
            [Method<AccountState>(nameof(AccountState.Decode))]),
        new("file of accounts",
            [.. Golden("Store.Replication.Tests", "accounts").Select(static bytes => AccountFile.Encode(AccountState.Decode(bytes)))],
            static bytes => AccountFile.Encode(AccountFile.Decode(bytes)), Corrupt, [Method(typeof(AccountFile), "Decode")]),
        new("proof of a secret", Proofs(), ReadProof, [typeof(CorruptDataException), typeof(PeerRefusedException)],
            [Method<PeerProof>(nameof(PeerProof.Take))], 400),
        new("batch of a client", Batches(), ReadBatch, [typeof(InvalidProtocolBufferException)],
            [Method(typeof(RequestTranslation), nameof(RequestTranslation.ToCore)), Method<Gateway>(nameof(Gateway.Serve), 2)], 400),
    ];

    /// <summary>The assemblies whose readers are to be among them.</summary>
    public static IReadOnlyList<Assembly> Assemblies { get; } =
        [typeof(Crdt.Crdt).Assembly, typeof(ReplicaEvent).Assembly, typeof(NodeHost).Assembly];

    private static MethodBase Method<T>(string name, int? parameters = null) => Method(typeof(T), name, parameters);

    private static MethodBase Method(Type type, string name, int? parameters = null) => type
        .GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .First(method => method.Name == name && (parameters is null || method.GetParameters().Length == parameters));

    // The committed samples of one or several families.
    private static List<byte[]> Golden(string project, string family) => [.. Lines(project, family).Select(Convert.FromHexString)];

    private static List<byte[]> Texts(string family) => [.. Lines("Store.Node.Tests", family).Select(Encoding.UTF8.GetBytes)];

    private static IEnumerable<string> Lines(string project, string family)
    {
        var directory = Path.Combine(Path.GetDirectoryName(Approved.PathOf("."))!, "..", "..", project, "Golden");
        var lines = from file in Directory.GetFiles(directory, $"{family}*.txt").Order(StringComparer.Ordinal)
                    from line in File.ReadAllLines(file)
                    where line.Length > 0 && line[0] != '#'
                    select family.Contains("layout", StringComparison.Ordinal)
                        ? line[line.IndexOf('{', StringComparison.Ordinal)..]
                        : line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
        return [.. lines];
    }

    private static List<byte[]> Frames() =>
    [
        [.. MemoryConnection.Framed([1, 2, 3]), .. MemoryConnection.Framed([]), .. MemoryConnection.Framed(new byte[300])],
        [.. MemoryConnection.Framed(new byte[2_000])],
        [],
    ];

    private static byte[]? ReadFrames(byte[] bytes)
    {
        var other = new MemoryConnection(maxFrameBytes: 1 << 20, segmentBytes: 128);
        var reading = other.Frames.ReadAsync(static _ => { });
        other.Feed(bytes);
        other.End();
        reading.GetAwaiter().GetResult();
        return null;
    }

    private static List<byte[]> Envelopes()
    {
        var envelopes = new List<byte[]>();
        foreach (var message in Golden("Store.Replication.Tests", "messages-"))
        {
            var writer = new ByteWriter();
            new LinkHeader(new(2), 77, 0, message.Length + 3, 0, LinkFlags.HearsYou).Encode(writer);
            LinkFrames.Write(writer, LinkFrames.FirstPartition + 1, message);
            envelopes.Add(writer.ToArray());
        }

        (PieceFlags Flags, ulong Kind)[] pieces =
            [(PieceFlags.First, 17), (PieceFlags.Last, 17), (PieceFlags.First | PieceFlags.Last, 0)];
        foreach (var (flags, kind) in pieces)
        {
            var writer = new ByteWriter();
            new LinkHeader(new(2), 77, 0, 0, 0, LinkFlags.HearsYou).Encode(writer);
            LinkFrames.WritePiece(writer, kind, flags, new byte[40]);
            envelopes.Add(writer.ToArray());
        }

        return envelopes;
    }

    // As a link takes them, but for what it tells its node.
    private static byte[]? ReadEnvelope(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        LinkHeader.Decode(ref reader);
        var inbox = new LinkInbox(1 << 20, 1 << 20);
        while (reader.Remaining > 0)
        {
            var kind = reader.ReadVarint();
            var content = reader.ReadSpan();
            if (kind == LinkFrames.Piece)
            {
                if (inbox.Take(content, out kind) is not { } whole) continue;
                content = whole.Written;
            }

            if (kind < LinkFrames.FirstPartition) continue;
            var message = new ByteReader(content);
            PeerMessage.Decode(ref message);
        }

        return null;
    }

    // The challenge and both proofs, and one that says nothing of it.
    private static List<byte[]> Proofs() =>
    [
        .. new byte[] { 3, 4, 5 }.Select(static kind => (byte[])[.. Hello.Magic, Hello.Version, kind, .. new byte[PeerProof.NonceBytes]]),
        [],
        Refusal.Encode("no"),
    ];

    // As both ends.
    private static byte[]? ReadProof(byte[] bytes)
    {
        byte[][] secrets = [[1, 2, 3]];
        var nonce = new byte[PeerProof.NonceBytes];
        var caller = PeerProof.OfCaller(secrets, PeerPort.Data, new(1), new(2), nonce);
        Assert.False(caller.Take(bytes) is not null && caller.IsProven);
        PeerProof.OfCalled(secrets, PeerPort.Data, new Hello(new(1), new(2), nonce), nonce).Take(bytes);
        return null;
    }

    private static List<byte[]> Batches()
    {
        var key = ByteString.CopyFromUtf8("key");
        Update[] updates =
        [
            new() { CounterIncrement = new() { Amount = -7 } }, new() { CounterReset = new() },
            new() { SetAdd = new() { Elements_ = { key, key } } }, new() { RegisterAssign = new() { Value = key, MultiValue = true } },
            new() { NumberAssign = 3 }, new() { Flag = true },
            new() { SortedSetIncrement = new() { Member = key, Score = 2 } },
            new() { SequenceInsert = new() { Index = 1, Values = { key } } },
            new() { TextInsert = new() { Position = 1, Content = "x\u20ac" } },
            new() { JsonSet = new() { Path = "/a/0", Value = "{\"a\":[1,{\"b\":null}]}" } },
            new() { HyperLogLogAdd = new() { Elements_ = { key } } },
            new()
            {
                MapUpdate = new()
                {
                    Fields = { new FieldUpdate { Field = key, Update = new() { MapUpdate = new() { Fields = { new FieldUpdate() } } } } },
                },
            },
        ];
        List<Request> requests =
        [
            .. updates.Select(update => new Request { Id = 1, Key = key, Update = update, Lifetime = new() { Milliseconds = 5 } }),
            new() { Key = key, Read = new() { Type = Protocol.ValueType.Map, Page = new() { Limit = 3, Cursor = key } } },
            new() { Key = key, Read = new() { Span = new() { Start = 1, Count = 2 } }, MaxStalenessMs = 9 },
            new() { Key = key, Delete = new(), Level = new() { Count = 2, Sloppy = true }, TimeoutMs = 100 },
            new() { MultiRead = new() { Keys = { key, key } } },
            new() { Scan = new() { Partition = 1, Prefix = key, After = key, Limit = 5 } },
            new() { Batch = new() { Writes = { new KeyWrite { Key = key, Update = updates[0] } } } },
            .. Golden("Store.Crdt.Tests", "types").Take(30)
                .Select(state => new Request { Key = key, Restore = new() { State = ByteString.CopyFrom(state) } }),
        ];
        return
        [
            .. requests.Select(request => new RequestBatch { Requests = { request } }.ToByteArray()),
            new RequestBatch { Requests = { requests } }.ToByteArray(),
        ];
    }

    // As a connection takes them, up to where a partition would.
    private static byte[]? ReadBatch(byte[] bytes)
    {
        var sink = new NobodyAsks();
        foreach (var request in RequestBatch.Parser.ParseFrom(bytes).Requests)
        {
            Node.Gateway.Serve(request, sink);
            try
            {
                var call = new ServerCall(Node.Gateway, sink, request, mayForward: false, admittedBytes: 0);
                var several = RequestKeys.SeveralOf(request, Node.Settings);
                WireScans.Check(request.Scan, Node.Settings);
                var first = several is null ? RequestKeys.Of(request.Key, Node.Settings) : several[0];
                var target = new RequestTarget(first, several, Required: 1, IsSloppy: false);
                RequestTranslation.ToCore(request, call, target, Node.Settings);
            }
            catch (Exception refused) when (refused is ArgumentException or TooLargeException)
            {
                // The gateway answers with it.
            }
        }

        return null;
    }

    private sealed class NobodyAsks : IReplySink
    {
        public CallerAccount Account { get; } = new();

        public bool IsGone => false;

        public bool TryMakeRoom(ServerCall call, long bytes) => true;

        public void Complete(ServerCall call, Reply reply)
        {
            Node.Gateway.Admission.Release(call);
            Assert.NotEqual(ErrorCode.Internal, reply.Error?.Code);
        }
    }
}
