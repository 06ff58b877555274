using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Security;

/// <summary>What certificates say of whose they are. Whether that is true is up to who has signed them.</summary>
internal static class CertificateNames
{
    /// <summary>What comes before a node's number in its certificate's URI.</summary>
    public const string NodePrefix = "gossipdb:node:";

    private const string AlternativeNames = "2.5.29.17";
    private const string CommonName = "2.5.4.3";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The node that a certificate names; null where it names none, or more than one.</summary>
    public static NodeId? NodeOf(X509Certificate2 certificate)
    {
        var named = NodeUris(certificate);
        return named.Count == 1
            && int.TryParse(named[0].AsSpan(NodePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id > 0
            ? new NodeId(id)
            : null;
    }

    /// <summary>The user that a certificate names: its subject's one common name. Null where there is none, and for a node.</summary>
    public static string? UserOf(X509Certificate2 certificate)
    {
        if (NodeUris(certificate).Count > 0) return null;
        string? user = null;
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements) return null;
            if (part.GetSingleElementType().Value != CommonName) continue;
            if (user is not null) return null;
            user = part.GetSingleElementValue();
        }

        return string.IsNullOrWhiteSpace(user) ? null : user;
    }

    private static List<string> NodeUris(X509Certificate2 certificate)
    {
        var named = new List<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != AlternativeNames) continue;
            try
            {
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (!names.PeekTag().HasSameClassAndValue(UriTag))
                    {
                        names.ReadEncodedValue();
                        continue;
                    }

                    var uri = names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
                    if (uri.StartsWith(NodePrefix, StringComparison.OrdinalIgnoreCase)) named.Add(uri);
                }
            }
            catch (Exception malformed) when (malformed is AsnContentException or CryptographicException)
            {
                // It names nobody that can be read: neither a node nor, for certain, no node.
                named.Add(NodePrefix);
            }
        }

        return named;
    }
}
