using System.Text.Json;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What is asked of a node is in its audit log once the node has stopped.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_operators_do_leaves_a_line_and_what_they_are_refused_too()
    {
        await using (var node = await RunningNode.StartAsync(_directory.Path))
        {
            var admin = new Protocol.Admin.AdminClient(node.Channel);
            await admin.StageLayoutAsync(new LayoutChange
            {
                Add = new() { Id = 7, PeerHost = "h", PeerPort = 1, ClientEndpoint = "http://h:1" },
            });
            await Assert.ThrowsAsync<RpcException>(async () => await admin.ApplyLayoutAsync(new ApplyLayoutRequest { Version = 99 }));
            await Assert.ThrowsAsync<RpcException>(async () => await admin.SetFaultsAsync(new FaultSet
            {
                Links = { new LinkFault { From = 1, To = 2, Cut = true } },
                Disks = { new DiskFault { Node = 1, Full = true } },
            }));
            await admin.RepairAsync(new RepairRequest { Partitions = { 1 }, AcceptLoss = true });
            using (var backup = admin.Backup(new BackupRequest { Partition = 3 }))
                while (await backup.ResponseStream.MoveNext(CancellationToken.None)) Assert.NotNull(backup.ResponseStream.Current);
            await admin.StatusAsync(new StatusRequest());
            await (await node.ClientAsync()).Counter("nobody looks").IncrementAsync();
        }

        var lines = Lines();
        Assert.Equal(
            [
                "node-start done", "layout-stage done", "layout-apply failed", "faults failed", "repair done", "backup done",
                "node-stop done",
            ],
            lines.Select(static line => $"{Text(line, "action")} {Text(line, "outcome")}"));
        Assert.Equal("add node 7 at h:1, http://h:1", Text(lines[1], "what"));
        Assert.StartsWith("127.0.0.1:", Text(lines[1], "from"), StringComparison.Ordinal);
        Assert.Contains("not 99", Text(lines[2], "detail"), StringComparison.Ordinal);
        Assert.Equal("cut link 1 -> 2, disk 1", Text(lines[3], "what"));
        Assert.Equal("partitions 1, accepting loss", Text(lines[4], "what"));
    }

    [Fact]
    public async Task What_is_read_and_changed_under_a_prefix_leaves_a_line_over_frames_and_over_gRPC()
    {
        await using (var node = await RunningNode.StartAsync(_directory.Path, """gossipdb.audit.prefixes = ["pay/", "{x}"]"""))
        {
            var client = await node.ClientAsync();
            await client.Counter("pay/a").IncrementAsync();
            await client.Counter("pa").IncrementAsync();
            await client.DeleteAsync("pay/a");
            await client.ReadManyAsync(["{x}1", "{x}2"]);
            await foreach (var key in client.ScanAsync("p")) Assert.NotNull(key.ToString());
            await node.Raw.ExecuteAsync(new Request { Key = Google.Protobuf.ByteString.CopyFromUtf8("pay/b"), Read = new() });
            await node.Raw.ExecuteAsync(new Request
            {
                Key = Google.Protobuf.ByteString.CopyFromUtf8("pay/c"),
                Update = new() { TextDelete = new() { Start = 5, Count = 5 } },
            });
            var state = Crdt.Crdt.Bottom(Crdt.CrdtType.Set);
            var writer = new Crdt.Encoding.ByteWriter();
            state.Encode(writer);
            for (var i = 0; i < 50; i++)
            {
                await node.Raw.ExecuteAsync(new Request
                {
                    Key = Google.Protobuf.ByteString.CopyFromUtf8($"restored {i}"),
                    Restore = new() { State = Google.Protobuf.ByteString.CopyFrom(writer.Written) },
                });
            }
        }

        var lines = Lines();
        Assert.Contains("write done pay/a", Told(lines));
        Assert.Contains("delete done pay/a", Told(lines));
        Assert.Contains("read done {x}1", Told(lines));
        Assert.Contains("read done p*", Told(lines));
        Assert.Contains("read done pay/b", Told(lines));
        Assert.Contains("write failed pay/c", Told(lines));
        Assert.DoesNotContain(lines, static line => Text(line, "what") is "pa" or "pay/" or "restored 7");
        var restores = lines.Where(static line => Text(line, "action") == "restore").ToList();
        Assert.Equal(2, restores.Count);
        Assert.Equal("49 more like it, not written one by one", Text(restores[1], "detail"));
    }

    [Fact]
    public async Task Where_lines_cannot_be_written_and_must_be_operators_are_refused_and_data_is_served()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "audit"), "in the way");
        await using var node = await RunningNode.StartAsync(_directory.Path, "gossipdb.audit.required = on");
        await Poll.UntilAsync(() => Task.FromResult(node.Part<AuditLog>().Refusal is not null), "it is seen");
        var admin = new Protocol.Admin.AdminClient(node.Channel);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await admin.StageLayoutAsync(new LayoutChange { Reset = new() }));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("gossipdb.audit.required", refused.Status.Detail, StringComparison.Ordinal);
        await (await node.ClientAsync()).Counter("c").IncrementAsync();
        var status = await node.Admin.StatusAsync();
        Assert.True(status.Ready);
        Assert.Contains("audit log cannot be written", status.Trouble, StringComparison.Ordinal);
        Assert.InRange(status.Doors.LostAuditLines, 1, 10);

        File.Delete(Path.Combine(_directory.Path, "audit"));
        await Poll.UntilAsync(() => Task.FromResult(node.Part<AuditLog>().Refusal is null), "it is written again");
        await admin.StageLayoutAsync(new LayoutChange { Reset = new() });
    }

    private static List<string> Told(List<JsonElement> lines) =>
        [.. lines.Select(static line => $"{Text(line, "action")} {Text(line, "outcome")} {Text(line, "what")}")];

    private static string Text(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private List<JsonElement> Lines() =>
    [
        .. Directory.GetFiles(Path.Combine(_directory.Path, "audit")).SelectMany(File.ReadLines)
            .Select(static line => JsonDocument.Parse(line).RootElement),
    ];
}
