using Google.Protobuf;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client.Backups;

/// <summary>Between the contract's backups and the ones operators see.</summary>
internal static class BackupCodec
{
    public static Wire.BackupRequest Request(int partition, BackupEnd? since) => new()
    {
        Partition = (uint)partition,
        Since = since?.Clock.ForPartition((uint)partition),
        Keys = since is null ? null : new Wire.BackupKeys { Count = since.Keys, Hash = since.KeysHash },
    };

    public static BackupPiece Piece(Wire.BackupPiece wire) =>
        new([.. wire.Entries.Select(Entry)], [.. wire.Unchanged], wire.End is null ? null : End(wire.End));

    public static Wire.Request Restore(BackupEntry entry, RestoreName? name) => new() { Restore = State(entry), Operation = Id(name) };

    public static Wire.KeyWrite RestoreOne(NamedEntry one) => new() { Restore = State(one.Entry), Operation = Id(one.Name) };

    private static Wire.Restore State(BackupEntry entry) => new()
    {
        State = UnsafeByteOperations.UnsafeWrap(entry.State),
        ExpiresAtUnixMs = entry.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0,
    };

    private static Wire.OperationId? Id(RestoreName? name) => name is null ? null : new Wire.OperationId
    {
        Client = name.Id,
        Number = 1,
        DeadlineUnixMs = name.Deadline.ToUnixTimeMilliseconds(),
        FirstAttempt = !name.MayHaveBeenSent,
    };

    private static BackupEntry Entry(Wire.BackupEntry wire) => new(
        new Bytes(wire.Key), ValueCodec.TypeOf(wire.Type), wire.State.Memory, LifetimeCodec.Until(wire.ExpiresAtUnixMs), wire.Continues);

    private static BackupEnd End(Wire.BackupEnd wire) => new(
        (int)wire.Clock.Partition, ClockToken.Of(wire.Clock), ClockToken.Of(wire.StableCut), wire.LastTimestamp, wire.Keys.Count,
        wire.Keys.Hash, wire.ListsUnchanged);
}
