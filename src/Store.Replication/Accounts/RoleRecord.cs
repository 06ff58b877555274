using Gossipdb.Crdt.Encoding;

namespace Gossipdb.Replication.Accounts;

/// <summary>All that was ever said of the role of a name.</summary>
internal sealed class RoleRecord
{
    public static readonly RoleRecord None = new();

    /// <summary>As of a user: only rises.</summary>
    public Stamp Born { get; private init; }

    public Mark Removed { get; init; }

    public Owned<Right> Rights { get; init; } = Owned<Right>.None(Comparer<Right>.Default);

    public bool Exists => Born.IsSet && !Removed.IsSet;

    public RoleRecord BornAt(Stamp at) => Copy(Stamp.Max(Born, at), Removed, Rights);

    public RoleRecord With(Mark? removed = null, Owned<Right>? rights = null) =>
        new() { Born = Born, Removed = removed ?? Removed, Rights = rights ?? Rights };

    public static RoleRecord Join(RoleRecord one, RoleRecord other) => Copy(
        Stamp.Max(one.Born, other.Born), Mark.Join(one.Removed, other.Removed), Owned<Right>.Join(one.Rights, other.Rights));

    public ulong MaxCounter() => Math.Max(Math.Max(Born.Counter, Removed.At.Counter), Rights.MaxCounter());

    public void Encode(ByteWriter writer)
    {
        Born.Encode(writer);
        Removed.Encode(writer);
        Rights.Encode(writer, UserRecord.WriteRight);
    }

    public static RoleRecord Decode(ref ByteReader reader) => new()
    {
        Born = Stamp.Decode(ref reader),
        Removed = Mark.Decode(ref reader),
        Rights = Owned<Right>.Decode(ref reader, Comparer<Right>.Default, UserRecord.ReadRight),
    };

    private static RoleRecord Copy(Stamp born, Mark removed, Owned<Right> rights) =>
        new() { Born = born, Removed = removed.At.CompareTo(born) >= 0 ? removed : default, Rights = rights.Since(born) };
}
