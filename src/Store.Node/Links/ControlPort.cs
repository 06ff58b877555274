using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Hosting;
using Akka.Remote;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Placement;
using AkkaTransport = Akka.Remote.Transport.Transport;

namespace Gossipdb.Node.Links;

/// <summary>
/// Akka's port, where nodes tell each other who is a member. With certificates it is encrypted (TLS 1.2, which is what Akka's transport
/// speaks), and both ends show theirs: who is not a node of this cluster gets no word through.
/// </summary>
/// <param name="settings">The node's settings.</param>
/// <param name="certificates">What it shows, and what it holds others' against.</param>
/// <param name="addresses">Which node is where.</param>
/// <param name="health">Told of those who are refused.</param>
/// <param name="logger">Told where certificates cannot be replaced.</param>
internal sealed class ControlPort(
    NodeSettings settings, NodeCertificates certificates, AddressBook addresses, NodeHealth health, ILogger<ControlPort> logger)
{
    /// <summary>What Akka's transport is set up with.</summary>
    public DotNettySslSetup Setup => new(
        certificates.Current.Own,
        suppressValidation: false,
        requireMutualAuthentication: true,
        validateCertificateHostname: false,
        (certificate, chain, peer, _, _) => Accepts(certificate, chain, peer));

    /// <summary>Whether there are certificates.</summary>
    public bool IsSecure => certificates.IsOn;

    /// <summary>From here on new certificates take the place of the old ones: connections made from then on show them.</summary>
    public void Begin(ActorSystem system)
    {
        if (!IsSecure) return;
        certificates.IsMember = node => addresses.Find(node) is not null;
        certificates.Changed = () => Replace(system);

        // What has changed since the system was set up.
        Replace(system);
    }

    private bool Accepts(X509Certificate2? certificate, X509Chain? chain, string peer)
    {
        // Who was called is named by its address, without what adapters add to it; who calls by that of its socket.
        NodeId? called = null;
        if (peer.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            foreach (var node in addresses.Nodes)
            {
                if (AkkaConfiguration.AddressOf(settings, addresses.Find(node)!).EndsWith(peer[scheme..], StringComparison.Ordinal))
                    called = node;
            }

            if (called is null) return Refuse("it is at no address of a node");
        }

        return certificates.ProblemOfPeer(certificate, chain, called) is not { } problem || Refuse(problem);

        bool Refuse(string why)
        {
            health.WarnNowAndThen("peer-port", $"refused {peer} on the peer port: {why}");
            return false;
        }
    }

    // The transport takes the certificate from its settings for each connection, and has no way to give it another one: so the settings are
    // replaced from outside. Should a later Akka be made otherwise, the connections go on showing the certificate the node started with.
    private void Replace(ActorSystem system)
    {
        try
        {
            var setup = Setup;
            var fresh = Member<PropertyInfo>(typeof(DotNettySslSetup), "Settings").GetValue(setup);
            var remoting = ((IRemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Transport;
            var mapping = (System.Collections.IDictionary)Member<FieldInfo>(remoting.GetType(), "_transportMapping").GetValue(remoting)!;
            foreach (System.Collections.IEnumerable pairs in mapping.Values)
            {
                foreach (var pair in pairs)
                {
                    var transport = (AkkaTransport)Member<PropertyInfo>(pair.GetType(), "ProtocolTransport").GetValue(pair)!;
                    while (transport is AbstractTransportAdapter)
                        transport = (AkkaTransport)Member<FieldInfo>(transport.GetType(), "WrappedTransport").GetValue(transport)!;
                    var options = Member<PropertyInfo>(transport.GetType(), "Settings").GetValue(transport)!;
                    Member<PropertyInfo>(options.GetType(), "Ssl").SetValue(options, fresh);
                }
            }
        }
        catch (Exception otherwise)
        {
            logger.LogError(
                otherwise, "connections on the peer port go on showing the certificate that the node started with: start it anew");
        }
    }

    private static T Member<T>(Type type, string name)
        where T : MemberInfo
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;
        for (var at = type; at is not null; at = at.BaseType)
            if (at.GetMember(name, Any).OfType<T>().FirstOrDefault() is { } member) return member;
        throw new MissingMemberException(type.FullName, name);
    }
}

/// <summary>Sets up Akka's port.</summary>
internal static class ControlPortSetup
{
    public static AkkaConfigurationBuilder AddControlPort(this AkkaConfigurationBuilder akka, ControlPort port) =>
        port.IsSecure ? akka.AddSetup(port.Setup) : akka;
}
