using System.Net.Security;
using Gossipdb.Client.Connection;
using Grpc.Core;

namespace Gossipdb.Client.Tests.Connection;

public sealed class NodeChannelTests
{
    private const string NoHandshake =
        "An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake.";

    // Which of the libraries notices first that the node has hung up differs from time to time, and so does what they throw.
    [Theory]
    [InlineData("https://a:1", "most likely it refuses the certificate that this client shows")]
    [InlineData("http://a:1", "does it speak TLS?")]
    public void Who_hangs_up_at_once_is_told_of_whatever_the_libraries_throw(string address, string expected)
    {
        var gone = new IOException(NoHandshake, new ObjectDisposedException(nameof(SslStream)));
        Exception[] causes = [new HttpRequestException(NoHandshake), new HttpRequestException("An error occurred.", gone)];
        foreach (var cause in causes)
        {
            var failure = new RpcException(new Status(StatusCode.Unavailable, "Error starting gRPC call.", cause));
            Assert.Contains(expected, NodeChannel.Reason(failure, new Uri(address)), StringComparison.Ordinal);
        }
    }
}
