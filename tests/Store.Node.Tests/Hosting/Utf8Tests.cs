using Google.Protobuf;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>Bytes that are not UTF-8 where the contract says text.</summary>
public sealed class Utf8Tests(SharedNode shared) : IClassFixture<SharedNode>
{
    [Fact]
    public async Task Text_that_is_not_utf8_is_taken_by_nobody()
    {
        var request =
            new Request { Key = ByteString.CopyFromUtf8("bytes"), Update = new() { TextInsert = new() { Content = "XYZ" } } }.ToByteArray();
        var at = request.AsSpan().IndexOf("XYZ"u8);
        new byte[] { 0xED, 0xA0, 0x80 }.CopyTo(request.AsSpan(at));
        var raw = new Marshaller<byte[]>(static bytes => bytes, static bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "gossipdb.v1.Gossipdb", "Execute", raw, raw);

        var outcome = await Record.ExceptionAsync(async () =>
            await shared.Node.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(), request));
        Assert.IsType<RpcException>(outcome);
        Assert.Null(await (await shared.Node.ClientAsync()).GetAsync("bytes"));
    }
}
