using Case = Gossipdb.Protocol.Value.ValueOneofCase;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// A key, or a field of a map, seen as one type of object. Making one costs no call; it can be kept, and used by many callers at
/// once. An increment, an insertion, a deletion: every change has a name of its own, so that one that is sent again after a lost
/// answer is not made twice.
/// </summary>
public abstract class KeyHandle
{
    private static readonly TimeSpan LeastToRead = TimeSpan.FromMilliseconds(100);

    private readonly ObjectAddress _at;
    private readonly StoredType _type;

    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected KeyHandle()
    {
    }

    private protected KeyHandle(in ObjectAddress at, StoredType type) => (_at, _type) = (at, type);

    /// <summary>The key.</summary>
    public virtual Bytes Key => new(At.KeyBytes.Bytes);

    /// <summary>The names that lead from the key's map to the object; none where the key itself holds it.</summary>
    public virtual IReadOnlyList<Bytes> Path => field ??= PathOf(At);

    /// <summary>The type the object is taken for.</summary>
    public virtual StoredType Type => _at.Scope is null ? throw StandIn.NotOverridden(this) : _type;

    private ref readonly ObjectAddress At
    {
        get
        {
            if (_at.Scope is null) throw StandIn.NotOverridden(this);
            return ref _at;
        }
    }

    private protected async Task<Receipt> UpdateAsync(Change change, Write? consistency, CancellationToken cancellation)
    {
        var (update, bytes) = At.AtKey(change);
        var reply = await At.Scope.WriteAsync(
            At.KeyBytes, new() { Update = update }, bytes, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    /// <summary>
    /// Changes the object, then reads what that led to: within the write's timeout, from a replica that has the change, one unless the read
    /// asks for more.
    /// </summary>
    private protected async Task<T> UpdateAndReadAsync<T>(
        Change change, Func<Read, Task<Result<T>>> query, Write? write, Read? read, CancellationToken cancellation)
    {
        var begun = Environment.TickCount64;
        var written = await UpdateAsync(change, write, cancellation).ConfigureAwait(false);
        read ??= Read.One;
        var left = At.Scope.TimeoutOf(write) - TimeSpan.FromMilliseconds(Environment.TickCount64 - begun);
        try
        {
            return (await query(read with
            {
                Timeout = read.Timeout ?? (left > LeastToRead ? left : LeastToRead),
                Token = read.Token is { } also ? written.Token.Merge(also) : written.Token,
            }).ConfigureAwait(false)).Value;
        }
        catch (GossipdbException unread)
        {
            throw new ReadBackException($"The write was acked, and what it led to was not read: {unread.Message}", written, unread);
        }
    }

    /// <summary>Reads the whole object.</summary>
    private protected Task<Result<T>> QueryAsync<T>(
        Case expected, Func<Wire.Value?, T> select, Read? consistency, CancellationToken cancellation) =>
        QueryAsync(new Wire.Read(), expected, select, consistency, cancellation);

    /// <summary>Reads what is asked for of the object. Null is selected from where there is no such object, or no such part.</summary>
    private protected async Task<Result<T>> QueryAsync<T>(
        Wire.Read part, Case expected, Func<Wire.Value?, T> select, Read? consistency, CancellationToken cancellation)
    {
        part.Type = (Wire.ValueType)Type;
        var reply = await ReadAsync(At, part, consistency, cancellation).ConfigureAwait(false);
        return new(select(Checked(Present(reply), expected)), new Receipt(reply.Receipt));
    }

    /// <summary>Reads one field of the object, of whatever type.</summary>
    private protected async Task<Result<Wire.Value?>> QueryFieldAsync(Bytes name, Read? consistency, CancellationToken cancellation)
    {
        var reply = await ReadAsync(At.Field(name), new(), consistency, cancellation).ConfigureAwait(false);
        return new(Present(reply), new Receipt(reply.Receipt));
    }

    private static ValueTask<Wire.Reply> ReadAsync(
        in ObjectAddress at, Wire.Read read, Read? consistency, CancellationToken cancellation) =>
        at.Scope.ReadAsync(at.KeyBytes, new() { Read = at.AtKey(read) }, consistency, cancellation);

    private static Wire.Value? Present(Wire.Reply reply) => reply.Value is { ValueCase: not Case.None } present ? present : null;

    private Wire.Value? Checked(Wire.Value? value, Case expected)
    {
        if (value is null || value.ValueCase == expected)
            return value;
        var held = ValueCodec.TypeOf(value);
        throw held == Type
            ? new GossipdbException($"The node answered with a {value.ValueCase} where a {expected} was asked for.")
            : new WrongTypeException(
                $"The {string.Join('/', Path.Select(static name => name.ToEscaped()).Prepend($"key '{Key.ToEscaped()}'"))} holds a "
                + $"{held}, not a {Type}.");
    }

    private static Bytes[] PathOf(in ObjectAddress at)
    {
        var names = new Bytes[at.Path.Length];
        for (var i = 0; i < names.Length; i++)
            names[i] = new(at.Path[i]);
        return names;
    }
}
