using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Connection;

/// <summary>Whose calls and connections these are: decides what becomes of a call, and is told what happens to a connection.</summary>
internal interface ICallOwner
{
    /// <summary>How long a node may take to answer before a connection to it counts as failed.</summary>
    TimeSpan ConnectTimeout { get; }

    /// <summary>What calls are to travel over.</summary>
    ClientTransport Transport { get; }

    ClientLog Log { get; }

    /// <summary>What is said of who calls; null for nothing.</summary>
    Credentials? Credentials { get; }

    /// <summary>What TLS is spoken with.</summary>
    ClientTls Tls { get; }

    /// <summary>How much longer an attempt to connect may go on: while somebody waits for a node and none is connected.</summary>
    TimeSpan FurtherPatience();

    /// <summary>A call has its outcome: another one may take its place.</summary>
    void ReleaseSlot();

    /// <summary>A call is sent that was sent before.</summary>
    void OnSentAgain();

    /// <summary>A node answered a call with an error.</summary>
    void OnError(OutboundCall call, NodeConnection node, Wire.Error error);

    /// <summary>A node told of the cluster's layout.</summary>
    void OnDescription(Wire.ClusterDescription description);

    /// <summary>A connection was made.</summary>
    void OnUp();

    /// <summary>A node did not let the client in: who waits for one may learn it now.</summary>
    void OnNotLetIn();

    /// <summary>A connection was lost, with calls that had not been sent and with calls that had.</summary>
    void OnDown(List<OutboundCall> waiting, List<OutboundCall> sent);
}
