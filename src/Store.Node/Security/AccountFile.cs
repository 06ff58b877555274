using System.Buffers.Binary;
using System.IO.Hashing;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Security;

/// <summary>The accounts on a node's disk: for nobody but the node to read, and with a checksum.</summary>
internal static class AccountFile
{
    private const int ChecksumBytes = 8;

    /// <summary>Where a data directory keeps them.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "accounts");

    /// <summary>The file's bytes: what it begins with, the accounts, and the XxHash3 of both.</summary>
    public static byte[] Encode(AccountState state)
    {
        byte[] bytes = [.. Magic, .. state.Encode(), .. new byte[ChecksumBytes]];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(^ChecksumBytes..), XxHash3.HashToUInt64(bytes.AsSpan(..^ChecksumBytes)));
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">It is damaged.</exception>
    public static AccountState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Magic.Length + ChecksumBytes || !bytes.StartsWith(Magic)) throw new CorruptDataException("no accounts");
        if (XxHash3.HashToUInt64(bytes[..^ChecksumBytes]) != BinaryPrimitives.ReadUInt64LittleEndian(bytes[^ChecksumBytes..]))
            throw new CorruptDataException("its checksum is wrong");
        return AccountState.Decode(bytes[Magic.Length..^ChecksumBytes]);
    }

    /// <summary>The accounts of a data directory; none where there is no file.</summary>
    /// <exception cref="ConfigurationProblem">The file is damaged, or cannot be read.</exception>
    public static AccountState Load(string dataDirectory)
    {
        var path = PathIn(dataDirectory);
        try
        {
            return File.Exists(path) ? Decode(File.ReadAllBytes(path)) : AccountState.Empty;
        }
        catch (CorruptDataException damaged)
        {
            throw new ConfigurationProblem($"{path}, the users and roles, is damaged: {damaged.Message}; move it away: the other nodes "
                + $"tell it again, and where there are none {SecuritySettings.AdminPasswordKey} makes a first admin");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationProblem($"{path} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>Keeps the accounts: whole, or not at all.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public static void Save(string dataDirectory, AccountState state) =>
        WholeFile.Write(PathIn(dataDirectory), Encode(state), isSecret: true);

    private static ReadOnlySpan<byte> Magic => "gossipdb accounts\n"u8;
}
