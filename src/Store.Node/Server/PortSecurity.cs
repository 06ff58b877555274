using System.Net.Security;
using Gossipdb.Node.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gossipdb.Node.Server;

/// <summary>TLS on the ports of HTTP.</summary>
internal static class PortSecurity
{
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Speaks TLS on a port where the node has certificates. A caller may show one of its own: who it is by that,
    /// <see cref="PeerIdentity"/> among the features of its requests says.
    /// </summary>
    public static void UseTls(this ListenOptions port, NodeCertificates certificates, SslApplicationProtocol protocol)
    {
        if (!certificates.IsOn) return;
        port.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeWithin,
            OnConnection = handshake =>
            {
                var features = handshake.Connection.Features;
                return new(certificates.ServerOptions(protocol, found => features.Set(found)));
            },
        });
    }
}
