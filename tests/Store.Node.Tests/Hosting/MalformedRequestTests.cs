using System.Net.Sockets;
using Gossipdb.Protocol;
using Grpc.Core;

namespace Gossipdb.Node.Tests.Hosting;

/// <summary>What is no request at all: a plain status, and a line in the log now and then.</summary>
public sealed class MalformedRequestTests
{
    // Field 4 is an integer, and is said to have ten bytes of which there are none.
    private static readonly byte[] Garbage = [0x22, 0x0A];

    [Theory]
    [InlineData("Gossipdb/Execute")]
    [InlineData("Gossipdb/Describe")]
    [InlineData("Gossipdb/Watch")]
    [InlineData("Gossipdb/Stream")]
    [InlineData("Admin/Status")]
    [InlineData("Admin/StageLayout")]
    public async Task Bytes_that_are_no_message_are_an_invalid_argument_whatever_the_call(string method)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        for (var i = 0; i < 50; i++)
        {
            var (status, message) = await SendAsync(node, method, Framed(0, Garbage));
            Assert.Equal(StatusCode.InvalidArgument, status);
            Assert.Contains("not a readable message", message, StringComparison.Ordinal);
        }

        AssertLogIsShort(node);
    }

    [Theory]
    [InlineData("Gossipdb/Execute", 7)]
    [InlineData("Gossipdb/Stream", 7)]
    [InlineData("Gossipdb/Execute", 1)]
    [InlineData("Gossipdb/Stream", 1)]
    public async Task A_damaged_frame_is_refused_in_plain_words(string method, byte flag)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);

        var (status, message) = await SendAsync(node, method, Framed(flag, [1, 2, 3]));

        Assert.True(status is StatusCode.InvalidArgument or StatusCode.Internal or StatusCode.Unimplemented, $"{status}: {message}");
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        AssertLogIsShort(node);
    }

    [Theory]
    [InlineData("Gossipdb/Execute")]
    [InlineData("Gossipdb/Stream")]
    public async Task A_message_that_says_it_has_four_gigabytes_is_refused(string method)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);

        var (status, _) = await SendAsync(node, method, [0, 0xFF, 0xFF, 0xFF, 0xFF]);

        Assert.True(status is StatusCode.InvalidArgument or StatusCode.ResourceExhausted, $"{status}");
        AssertLogIsShort(node);
    }

    [Theory]
    [InlineData("Gossipdb/Execute")]
    [InlineData("Gossipdb/Stream")]
    public async Task A_message_larger_than_the_limit_is_refused_naming_it(string method)
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        var head = new byte[5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), (16 << 20) + 1);

        var (status, message) = await SendAsync(node, method, head);

        Assert.Equal(StatusCode.ResourceExhausted, status);
        Assert.Contains($"{16 << 20} bytes", message, StringComparison.Ordinal);
        AssertLogIsShort(node);
    }

    [Fact]
    public async Task Bytes_that_are_no_HTTP2_end_the_connection_and_leave_no_trace()
    {
        using var directory = new TemporaryDirectory();
        await using var node = await RunningNode.StartAsync(directory.Path);
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(new Uri(node.Endpoint).Host, new Uri(node.Endpoint).Port);
            var bytes = new byte[2_000];
            random.NextBytes(bytes);
            if (i % 2 == 0) "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.CopyTo(bytes);
            try
            {
                await socket.GetStream().WriteAsync(bytes);
                socket.Client.Shutdown(SocketShutdown.Send);
                while (await socket.GetStream().ReadAsync(bytes) > 0)
                {
                    // Until the node has closed it.
                }
            }
            catch (Exception reset) when (reset is IOException or SocketException or InvalidOperationException)
            {
                // Or reset it.
            }
        }

        Assert.Equal(Reply.OutcomeOneofCase.Error, (await node.Raw.ExecuteAsync(new Request())).OutcomeCase);
        AssertLogIsShort(node);
    }

    private static void AssertLogIsShort(RunningNode node)
    {
        var log = node.ReadLog();
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.InRange(log.Split('\n').Count(static line => line.Contains(" WRN ", StringComparison.Ordinal)
            || line.Contains(" ERR ", StringComparison.Ordinal)), 0, 3);
    }

    private static byte[] Framed(byte flag, byte[] content)
    {
        var frame = new byte[5 + content.Length];
        frame[0] = flag;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), content.Length);
        content.CopyTo(frame, 5);
        return frame;
    }

    private static async Task<(StatusCode Status, string Message)> SendAsync(RunningNode node, string method, byte[] body)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"{node.Endpoint}/gossipdb.v1.{method}")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        call.Content.Headers.ContentType = new("application/grpc");
        call.Headers.TE.Add(new("trailers"));
        using var answer = await node.Http.SendAsync(call);
        await answer.Content.ReadAsByteArrayAsync();
        var from = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        var message = from.TryGetValues("grpc-message", out var texts) ? Uri.UnescapeDataString(string.Concat(texts)) : "";
        return ((StatusCode)int.Parse(from.GetValues("grpc-status").Single(), System.Globalization.CultureInfo.InvariantCulture), message);
    }
}
