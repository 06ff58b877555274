using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>
/// All that was ever said of a cluster's users and roles: a lattice. Nodes change it each for itself, also on two sides of a cut, and join
/// what they hear. Equal states give equal bytes. Who may what is read from it by <see cref="AccountView"/>, the same on every node.
/// </summary>
public sealed class AccountState
{
    private const byte Format = 1;
    private readonly SortedDictionary<string, UserRecord> _users;
    private readonly SortedDictionary<string, RoleRecord> _roles;
    private readonly Secret _tokenKey;

    private AccountState(SortedDictionary<string, UserRecord> users, SortedDictionary<string, RoleRecord> roles, Secret tokenKey) =>
        (_users, _roles, _tokenKey) = (users, roles, tokenKey);

    /// <summary>Nobody has said anything.</summary>
    public static AccountState Empty { get; } = new(new(StringComparer.Ordinal), new(StringComparer.Ordinal), default);

    /// <summary>Whether nobody has said anything.</summary>
    public bool IsEmpty => _users.Count == 0 && _roles.Count == 0 && !_tokenKey.At.IsSet;

    /// <summary>What the nodes sign the tokens of logins with; empty where nothing is drawn yet.</summary>
    public Bytes TokenKey => _tokenKey.Value;

    internal IReadOnlyDictionary<string, UserRecord> Users => _users;

    internal IReadOnlyDictionary<string, RoleRecord> Roles => _roles;

    /// <summary>
    /// The first admin, with every right. Each node that begins with nothing may make one: together they are one. Whatever was or is
    /// changed elsewhere counts more.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="passwordHash">Its hashed password; empty where it has none.</param>
    /// <param name="tokenKey">Random bytes to sign tokens with.</param>
    public static AccountState Found(string name, Bytes passwordHash, Bytes tokenKey)
    {
        var admin = UserRecord.None.BornAt(Stamp.First);
        foreach (var right in Right.All) admin = admin.With(rights: admin.Rights.With(right, Stamp.First, isGone: false));
        if (passwordHash.Length > 0) admin = admin.With(password: new Secret(Stamp.First, passwordHash));
        var users = new SortedDictionary<string, UserRecord>(StringComparer.Ordinal) { [name] = admin };
        return new AccountState(users, new(StringComparer.Ordinal), new Secret(Stamp.First, tokenKey));
    }

    /// <summary>Everything that either was told.</summary>
    public AccountState Join(AccountState other)
    {
        var users = new SortedDictionary<string, UserRecord>(_users, StringComparer.Ordinal);
        foreach (var (name, user) in other._users)
            users[name] = users.TryGetValue(name, out var known) ? UserRecord.Join(known, user) : user;
        var roles = new SortedDictionary<string, RoleRecord>(_roles, StringComparer.Ordinal);
        foreach (var (name, role) in other._roles)
            roles[name] = roles.TryGetValue(name, out var known) ? RoleRecord.Join(known, role) : role;
        return new AccountState(users, roles, Secret.Join(_tokenKey, other._tokenKey));
    }

    /// <summary>The state's bytes, one form for each state.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.WriteByte(Format);
        _tokenKey.Encode(writer);
        writer.WriteVarint((ulong)_users.Count);
        foreach (var (name, user) in _users)
        {
            writer.WriteBytes(Encoding.UTF8.GetBytes(name));
            user.Encode(writer);
        }

        writer.WriteVarint((ulong)_roles.Count);
        foreach (var (name, role) in _roles)
        {
            writer.WriteBytes(Encoding.UTF8.GetBytes(name));
            role.Encode(writer);
        }

        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">It is nothing of the kind, or too much of it, or of a later format.</exception>
    public static AccountState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > AccountLimits.MaxDecodedBytes) throw new CorruptDataException($"accounts of {bytes.Length} bytes");
        var reader = new ByteReader(bytes);
        if (reader.ReadByte() is var format && format != Format)
            throw new CorruptDataException($"accounts of format {format}; this version reads {Format}");
        var tokenKey = Secret.Decode(ref reader, AccountLimits.MaxTokenKeyBytes);
        var users = new SortedDictionary<string, UserRecord>(StringComparer.Ordinal);
        var last = string.Empty;
        for (var left = reader.ReadCount(15); left > 0; left--)
        {
            last = InOrder(last, AccountLimits.ReadName(ref reader));
            users.Add(last, UserRecord.Decode(ref reader));
        }

        var roles = new SortedDictionary<string, RoleRecord>(StringComparer.Ordinal);
        last = string.Empty;
        for (var left = reader.ReadCount(8); left > 0; left--)
        {
            last = InOrder(last, AccountLimits.ReadName(ref reader));
            roles.Add(last, RoleRecord.Decode(ref reader));
        }

        reader.ExpectEnd();
        return new AccountState(users, roles, tokenKey);
    }

    /// <summary>How many users and roles, never which: secrets are in it.</summary>
    public override string ToString() => $"accounts of {_users.Count} users and {_roles.Count} roles";

    internal ulong MaxCounter()
    {
        var max = _tokenKey.At.Counter;
        foreach (var user in _users.Values) max = Math.Max(max, user.MaxCounter());
        foreach (var role in _roles.Values) max = Math.Max(max, role.MaxCounter());
        return max;
    }

    internal AccountState With(string user, UserRecord record) =>
        new(new SortedDictionary<string, UserRecord>(_users, StringComparer.Ordinal) { [user] = record }, _roles, _tokenKey);

    internal AccountState With(string role, RoleRecord record) =>
        new(_users, new SortedDictionary<string, RoleRecord>(_roles, StringComparer.Ordinal) { [role] = record }, _tokenKey);

    internal UserRecord User(string name) => _users.GetValueOrDefault(name, UserRecord.None);

    internal RoleRecord Role(string name) => _roles.GetValueOrDefault(name, RoleRecord.None);

    private static string InOrder(string last, string name) => string.CompareOrdinal(last, name) < 0
        ? name
        : throw new CorruptDataException("users or roles are not in their order");
}
