using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Protocol;
using Gossipdb.Replication.Accounts;
using Grpc.Core;
using Change = Gossipdb.Replication.Accounts.AccountChange;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>A node where callers must log in: who may watch, and how a watch ends whose right goes.</summary>
public sealed class WatchAccessTests(SecuredNode shared) : IClassFixture<SecuredNode>
{
    private const string Mine = "mine-";
    private const string Theirs = "theirs-";

    private RunningNode Node => shared.Node;

    [Fact]
    public async Task A_watch_needs_the_right_to_read_and_ends_when_that_is_taken_away()
    {
        var book = Node.Part<AccountBook>();
        var right = new Right(AccountAction.Read, Bytes.FromText(Mine));
        book.Apply(new Change.AddUser("watcher", SecuredNode.Hash), new Change.SetUserRight("watcher", right, true));
        var all = Enumerable.Range(0, 4).Select(static partition => new Clock { Partition = (uint)partition }).ToArray();
        foreach (var prefix in (string[])["", "min", Theirs])
        {
            using var refused = Node.Raw.Watch(
                new WatchRequest { IsPrefix = true, Prefix = ByteString.CopyFromUtf8(prefix), From = { all } },
                As(SecuredNode.Basic("watcher")));
            var why = await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext(default));
            Assert.Equal((StatusCode.PermissionDenied, $"watcher lacks the right read on {prefix}*"), (why.StatusCode, why.Status.Detail));
        }

        using var watch = Node.Raw.Watch(
            new WatchRequest { IsPrefix = true, Prefix = ByteString.CopyFromUtf8(Mine), From = { all } }, As(SecuredNode.Basic("watcher")));
        Assert.True(await watch.ResponseStream.MoveNext(default));
        book.Apply(new Change.SetUserRight("watcher", right, false));

        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(default))
            {
                // What was there.
            }
        });
        Assert.Equal((StatusCode.PermissionDenied, $"watcher lacks the right read on {Mine}*"), (ended.StatusCode, ended.Status.Detail));
    }

    // It may be just then that something is written to it: a write that is broken off resets the stream, and takes the reason with it.
    [Fact]
    public async Task A_watch_says_why_it_ends_at_whatever_moment_the_right_is_taken_away()
    {
        var book = Node.Part<AccountBook>();
        var right = new Right(AccountAction.Read, Bytes.FromText(Mine));
        book.Apply(new Change.AddUser("dozer", SecuredNode.Hash));
        var all = Enumerable.Range(0, 4).Select(static partition => new Clock { Partition = (uint)partition }).ToArray();
        var request = new WatchRequest { IsPrefix = true, Prefix = ByteString.CopyFromUtf8(Mine), From = { all } };
        var increment = new Update { CounterIncrement = new() { Amount = 1 } };
        for (var round = 0; round < 400; round++)
        {
            book.Apply(new Change.SetUserRight("dozer", right, true));
            using var watch = Node.Raw.Watch(request, As(SecuredNode.Basic("dozer")));
            Assert.True(await watch.ResponseStream.MoveNext(default));
            var key = ByteString.CopyFromUtf8($"{Mine}{round % 50}");
            var written = Node.Raw.ExecuteAsync(new Request { Key = key, Update = increment }, As(SecuredNode.Alice)).ResponseAsync;
            if (round % 2 == 0) await written;
            book.Apply(new Change.SetUserRight("dozer", right, false));

            var ended = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (await watch.ResponseStream.MoveNext(default))
                {
                    // What was told before.
                }
            });
            Assert.Equal((StatusCode.PermissionDenied, $"dozer lacks the right read on {Mine}*"), (ended.StatusCode, ended.Status.Detail));
            await written;
        }
    }

    private static Metadata As(string header) => new() { { "authorization", header } };
}
