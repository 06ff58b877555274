using System.Text;
using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>All that was ever said of the user of a name.</summary>
internal sealed class UserRecord
{
    public static readonly UserRecord None = new();

    /// <summary>When the present user of the name was added: only rises. What is older was another one's.</summary>
    public Stamp Born { get; private init; }

    public Mark Removed { get; init; }

    public Mark Disabled { get; init; }

    public Secret Password { get; init; }

    public Owned<Right> Rights { get; init; } = Owned<Right>.None(Comparer<Right>.Default);

    public Owned<string> Roles { get; init; } = Owned<string>.None(StringComparer.Ordinal);

    /// <summary>When something last took away a way in which the user was an admin: only rises.</summary>
    public Stamp AdminLost { get; init; }

    public bool Exists => Born.IsSet && !Removed.IsSet;

    public UserRecord BornAt(Stamp at)
    {
        var born = Stamp.Max(Born, at);
        return Copy(born, this);
    }

    public UserRecord With(
        Mark? removed = null, Mark? disabled = null, Secret? password = null, Owned<Right>? rights = null, Owned<string>? roles = null,
        Stamp? adminLost = null) => new()
        {
            Born = Born,
            Removed = removed ?? Removed,
            Disabled = disabled ?? Disabled,
            Password = password ?? Password,
            Rights = rights ?? Rights,
            Roles = roles ?? Roles,
            AdminLost = adminLost ?? AdminLost,
        };

    public static UserRecord Join(UserRecord one, UserRecord other) => Copy(Stamp.Max(one.Born, other.Born), new UserRecord
    {
        Removed = Mark.Join(one.Removed, other.Removed),
        Disabled = Mark.Join(one.Disabled, other.Disabled),
        Password = Secret.Join(one.Password, other.Password),
        Rights = Owned<Right>.Join(one.Rights, other.Rights),
        Roles = Owned<string>.Join(one.Roles, other.Roles),
        AdminLost = Stamp.Max(one.AdminLost, other.AdminLost),
    });

    public ulong MaxCounter() => Math.Max(
        Math.Max(Math.Max(Born.Counter, Removed.At.Counter), Math.Max(Disabled.At.Counter, Password.At.Counter)),
        Math.Max(Math.Max(Rights.MaxCounter(), Roles.MaxCounter()), AdminLost.Counter));

    public void Encode(ByteWriter writer)
    {
        Born.Encode(writer);
        Removed.Encode(writer);
        Disabled.Encode(writer);
        Password.Encode(writer);
        Rights.Encode(writer, WriteRight);
        Roles.Encode(writer, static (to, role) => to.WriteBytes(Encoding.UTF8.GetBytes(role)));
        AdminLost.Encode(writer);
    }

    public static UserRecord Decode(ref ByteReader reader) => new()
    {
        Born = Stamp.Decode(ref reader),
        Removed = Mark.Decode(ref reader),
        Disabled = Mark.Decode(ref reader),
        Password = Secret.Decode(ref reader, AccountLimits.MaxPasswordHashBytes),
        Rights = Owned<Right>.Decode(ref reader, Comparer<Right>.Default, ReadRight),
        Roles = Owned<string>.Decode(ref reader, StringComparer.Ordinal, AccountLimits.ReadName),
        AdminLost = Stamp.Decode(ref reader),
    };

    public static void WriteRight(ByteWriter writer, Right right)
    {
        writer.WriteByte((byte)right.Action);
        writer.WriteBytes(right.Prefix.Span);
    }

    // Unknown actions are a later version's: kept, passed on, and of no use to anybody here.
    public static Right ReadRight(ref ByteReader reader)
    {
        var right = new Right((AccountAction)reader.ReadByte(), reader.ReadBytes());
        return right.Prefix.Length <= Right.MaxPrefixBytes ? right : throw new CorruptDataException("a prefix is too long");
    }

    private static UserRecord Copy(Stamp born, UserRecord of) => new()
    {
        Born = born,
        Removed = of.Removed.At.CompareTo(born) >= 0 ? of.Removed : default,
        Disabled = of.Disabled.At.CompareTo(born) >= 0 ? of.Disabled : default,
        Password = of.Password.At.CompareTo(born) >= 0 ? of.Password : default,
        Rights = of.Rights.Since(born),
        Roles = of.Roles.Since(born),
        AdminLost = of.AdminLost,
    };
}
