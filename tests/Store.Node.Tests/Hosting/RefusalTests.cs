using System.Text;
using Google.Protobuf;
using Gossipdb.Client;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

public sealed class RefusalTests(SharedNode shared) : IClassFixture<SharedNode>
{
    private readonly RunningNode _node = shared.Node;

    [Fact]
    public async Task A_key_above_the_limit_is_too_large()
    {
        var client = await _node.ClientAsync();
        await client.Counter(new string('k', 64)).IncrementAsync();

        var error = await RefusedAsync(Increment(new string('k', 65)));

        Assert.Equal(ErrorCode.TooLarge, error.Code);
        Assert.Contains("65", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<GossipdbException>(() => client.Counter(new string('k', 65)).IncrementAsync());
    }

    [Fact]
    public async Task A_value_above_the_limit_is_too_large_and_the_old_one_stays()
    {
        var client = await _node.ClientAsync();
        await client.Register("value").SetBytesAsync(new byte[4096]);

        var error = await RefusedAsync(Assign("value", 4097 + 64));

        Assert.Equal(ErrorCode.TooLarge, error.Code);
        await Assert.ThrowsAsync<TooLargeException>(() => client.Register("value").SetBytesAsync(new byte[4097 + 64]));
        Assert.Equal(4096, (await client.Register("value").GetBytesAsync())!.Length);
    }

    [Fact]
    public async Task An_operation_that_becomes_more_than_the_limit_is_too_large_and_changes_nothing()
    {
        var client = await _node.ClientAsync();
        var map = client.Map("many-texts");
        for (var i = 0; i < 400; i += 10)
        {
            await map.UpdateAsync(changes =>
            {
                for (var field = i; field < i + 10; field++) changes.AppendText($"field-{field}", "a");
            });
        }

        // Each text of it is told what of it goes, so that what nobody has seen survives.
        var refused = await Assert.ThrowsAsync<TooLargeException>(() => client.DeleteAsync("many-texts"));

        Assert.Matches(
            @"becomes a change of \d{5} bytes; the limit is 8192\. Make it in several smaller ones; nothing was applied", refused.Message);
        Assert.Equal(400, await map.CountAsync());
    }

    [Fact]
    public async Task More_elements_than_a_batch_holds_are_refused_and_none_is_added()
    {
        var client = await _node.ClientAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => client.Set("many").AddAsync(Enumerable.Range(0, 11).Select(i => $"{i}")));

        Assert.Empty(await client.Set("many").GetAsync());
        await client.Set("many").AddAsync(Enumerable.Range(0, 10).Select(i => $"{i}"));
        Assert.Equal(10, (await client.Set("many").GetAsync()).Count);
    }

    [Fact]
    public async Task A_batch_above_the_limit_ends_its_stream_and_nothing_of_it_is_applied()
    {
        using var stream = _node.Raw.Stream();
        await stream.RequestStream.WriteAsync(new RequestBatch
        {
            Requests = { Enumerable.Range(0, 11).Select(_ => Increment("batched")) },
        });

        var refused = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("the limit is 10", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, await (await _node.ClientAsync()).Counter("batched").GetAsync());
    }

    [Fact]
    public async Task A_client_that_ends_its_stream_still_gets_every_answer()
    {
        using var stream = _node.Raw.Stream();
        var batch = new RequestBatch();
        for (var i = 0; i < 10; i++)
        {
            var request = Increment("full");
            request.Id = (ulong)i + 100;
            batch.Requests.Add(request);
        }

        await stream.RequestStream.WriteAsync(batch);
        await stream.RequestStream.CompleteAsync();
        var answered = new List<ulong>();
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            foreach (var reply in stream.ResponseStream.Current.Replies)
            {
                Assert.Equal(Reply.OutcomeOneofCase.Written, reply.OutcomeCase);
                answered.Add(reply.Id);
            }
        }

        Assert.Equal(Enumerable.Range(100, 10).Select(id => (ulong)id), answered.Order());
        Assert.Equal(10, await (await _node.ClientAsync()).Counter("full").GetAsync());
    }

    [Fact]
    public async Task More_replicas_than_there_are_owners_are_an_invalid_request()
    {
        var client = await _node.ClientAsync();

        await AssertInvalidAsync(
            With(Increment("levels"), request => request.Level = new Level { Named = Level.Types.Named.Two }), "W=2 is not from 1 to N=1");
        await AssertInvalidAsync(
            new Request { Key = Key("levels"), Level = new Level { Count = 2 }, Read = new() }, "R=2 is not from 1 to N=1");
        await Assert.ThrowsAsync<InvalidRequestException>(() => client.Counter("levels").IncrementAsync(1, Client.Write.Two));

        Assert.Equal(0, await client.Counter("levels").GetAsync(Client.Read.All));
    }

    [Fact]
    public async Task Another_type_than_the_key_holds_is_refused()
    {
        var client = await _node.ClientAsync();
        await client.Counter("typed").IncrementAsync();

        await Assert.ThrowsAsync<WrongTypeException>(() => client.Set("typed").AddAsync("a"));
        await Assert.ThrowsAsync<WrongTypeException>(() => client.Register("typed").GetAsync());

        Assert.Equal(1, (await client.GetAsync("typed"))!.Counter);
        Assert.Single((await _node.Admin.InspectAsync("typed")).Objects);
    }

    [Fact]
    public async Task A_request_that_makes_no_sense_is_refused_with_the_reason()
    {
        await AssertInvalidAsync(new Request { Key = Key(""), Read = new() }, "the key is empty");
        await AssertInvalidAsync(new Request { Key = Key("k") }, "no action");
        await AssertInvalidAsync(new Request { Key = Key("k"), Update = new() }, "no operation");
        await AssertInvalidAsync(With(Increment("k"), request => request.Level = new Level { Count = 0 }), "W=0");
        await AssertInvalidAsync(With(Increment("k"), request => request.Level = new Level { Named = (Level.Types.Named)9 }), "level 9");
        await AssertInvalidAsync(With(Increment("k"), request => request.Durability = (Protocol.Durability)9), "durability 9");
        await AssertInvalidAsync(new Request { Key = Key("k"), Read = new() { Type = (Protocol.ValueType)99 } }, "type 99");
        await AssertInvalidAsync(
            new Request { Key = Key("k"), Read = new() { Type = Protocol.ValueType.Map, Contains = true } }, "only a set");
        await AssertInvalidAsync(With(Increment("k"), request => request.Token = new Clock { Partition = 99 }), "token is of partition 99");
        await AssertInvalidAsync(Overflow(), "");
        Assert.Null(await (await _node.ClientAsync()).GetAsync("k"));
    }

    [Fact]
    public async Task A_token_nobody_covers_is_refused_in_time()
    {
        var partition = (await _node.Admin.InspectAsync("token")).Partition;
        var error = await RefusedAsync(With(Increment("token"), request =>
        {
            request.TimeoutMs = 200;
            request.Token = new Clock { Partition = (uint)partition, Entries = { new VectorEntry { Replica = 1, Sequence = 1 } } };
        }));

        Assert.Equal(ErrorCode.SessionUnavailable, error.Code);
        Assert.Null(await (await _node.ClientAsync()).GetAsync("token"));
    }

    [Fact]
    public async Task An_operation_past_its_deadline_is_not_executed()
    {
        var error = await RefusedAsync(
            With(Increment("late"), request => request.Operation = new OperationId { Client = 1, Number = 1, DeadlineUnixMs = 1_000 }));

        Assert.Equal(ErrorCode.Expired, error.Code);
        Assert.Null(await (await _node.ClientAsync()).GetAsync("late"));
    }

    [Fact]
    public async Task The_same_operation_sent_twice_counts_once()
    {
        var request = With(Increment("twice"), asked => asked.Operation = new OperationId
        {
            Client = 1,
            Number = 2,
            DeadlineUnixMs = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds(),
        });

        Assert.NotNull((await _node.Raw.ExecuteAsync(request)).Written);
        Assert.NotNull((await _node.Raw.ExecuteAsync(request)).Written);

        Assert.Equal(1, await (await _node.ClientAsync()).Counter("twice").GetAsync());
    }

    [Fact]
    public async Task No_fault_is_told_where_fault_injection_is_off()
    {
        var refused = await Assert.ThrowsAsync<InvalidRequestException>(() => _node.Admin.SetFaultsAsync(Client.FaultSet.None));

        Assert.Contains("gossipdb.lab.fault-injection", refused.Message, StringComparison.Ordinal);
        Assert.True((await _node.Admin.FaultsAsync()).IsEmpty);
    }

    private static Request Increment(string key) => new() { Key = Key(key), Update = new() { CounterIncrement = new() { Amount = 1 } } };

    private static Request Assign(string key, int bytes) =>
        new() { Key = Key(key), Update = new() { RegisterAssign = new() { Value = ByteString.CopyFrom(new byte[bytes]) } } };

    private static Request Overflow() => new()
    {
        Key = Key("k"),
        Update = new()
        {
            MapUpdate = new()
            {
                Fields =
                {
                    new FieldUpdate { Field = Key("f"), Update = new() { Flag = true } },
                    new FieldUpdate { Field = Key("f"), Update = new() { Flag = false } },
                },
            },
        },
    };

    private static ByteString Key(string key) => ByteString.CopyFrom(key, Encoding.UTF8);

    private static Request With(Request request, Action<Request> change)
    {
        change(request);
        return request;
    }

    private async Task<Error> RefusedAsync(Request request)
    {
        var reply = await _node.Raw.ExecuteAsync(request);
        Assert.Equal(Reply.OutcomeOneofCase.Error, reply.OutcomeCase);
        Assert.NotEmpty(reply.Error.Message);
        Assert.DoesNotContain('\n', reply.Error.Message);
        return reply.Error;
    }

    private async Task AssertInvalidAsync(Request request, string why)
    {
        var error = await RefusedAsync(request);
        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
