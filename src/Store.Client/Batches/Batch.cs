using Gossipdb.Client.Routing;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Client;

/// <summary>
/// Changes of several keys of one partition (keys that share the part in braces are: <c>{cart:7}items</c>, <c>{cart:7}total</c>), made in
/// the order given and all or none: at every replica, for every reader, and after every crash. A later change sees the ones before it.
/// Where one of them is refused nothing is applied. Sent again after a lost answer, a batch counts once. Collected by one caller, and
/// executed once.
/// </summary>
public class Batch : ChangeList<Batch>
{
    private const int BytesAround = 16;

    private readonly CallScope? _scope; // null of a stand-in
    private readonly Wire.Batch _message = new();
    private KeyBytes _first;
    private int _bytes;
    private bool _isExecuted;

    /// <summary>
    /// For derived classes that stand in for it in tests: they collect as any does, and override <see cref="ExecuteAsync"/>.
    /// </summary>
    protected Batch()
    {
    }

    internal Batch(CallScope scope) => _scope = scope;

    /// <summary>How many changes have been collected.</summary>
    public int Count => _message.Writes.Count;

    /// <summary>Deletes a key, of whatever type, as far as the executing replica knows it.</summary>
    public Batch Delete(Bytes key) => With(key, new() { Delete = new() }, 0);

    /// <summary>Gives a key a new life, which ends so long from now, and changes nothing else of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is not from a millisecond to a thousand years.</exception>
    public Batch Expire(Bytes key, TimeSpan lifetime)
    {
        LifetimeCodec.Check(lifetime, nameof(lifetime));
        return With(key, new() { Expire = LifetimeCodec.ToWire(lifetime) }, 0);
    }

    /// <summary>Lets a key live for ever.</summary>
    public Batch Persist(Bytes key) => With(key, new() { Expire = new() { ForEver = true } }, 0);

    /// <summary>
    /// Collects the write that a call makes, with all the checks it has when it is made alone: <c>batch.Collect(store =>
    /// store.Counter("{cart:7}left").DecrementAsync(3))</c>.
    /// Of what the call asks for its <see cref="Write.Lifetime"/> is kept; all else is for <see cref="ExecuteAsync"/> to ask for, which
    /// has the receipt too.
    /// </summary>
    /// <param name="write">Makes one write on the store it is given.</param>
    /// <exception cref="InvalidRequestException">The call refuses what it is given. Nothing was collected.</exception>
    /// <exception cref="InvalidOperationException">The call is no write, or it waits for something.</exception>
    public virtual Batch Collect(Func<GossipdbStore, Task<Receipt>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var call = write(new CollectingStore(this, _scope ?? throw StandIn.NotOverridden(this)));
        if (!call.IsCompleted)
            throw new InvalidOperationException("What a batch collects is one write, and waits for nothing.");
        call.GetAwaiter().GetResult();
        return this;
    }

    /// <summary>Makes the changes.</summary>
    /// <param name="consistency">As for one write. Its <see cref="Write.Lifetime"/> goes to every key that is updated and was not given
    /// another.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="InvalidRequestException">No change was collected, there are too many, or the keys are of different
    /// partitions.</exception>
    /// <exception cref="InvalidOperationException">The batch was executed before.</exception>
    public virtual async Task<Receipt> ExecuteAsync(Write? consistency = null, CancellationToken cancellation = default)
    {
        var scope = _scope ?? throw StandIn.NotOverridden(this);
        Require.Some(Count, "key");
        if (_isExecuted)
            throw new InvalidOperationException("The batch was executed before: collect another.");
        _isExecuted = true;
        if ((consistency ?? scope.Dispatcher.Settings.DefaultWrite).Lifetime is { } lifetime)
        {
            foreach (var write in _message.Writes)
            {
                if (write.Update is not null)
                    write.Lifetime ??= LifetimeCodec.ToWire(lifetime);
            }
        }

        var reply = await scope.WriteAsync(_first, new() { Batch = _message }, _bytes, consistency, cancellation).ConfigureAwait(false);
        return new Receipt(reply.Receipt);
    }

    private protected override Batch With(Bytes name, Change change) => With(name, new() { Update = change.Update }, change.Bytes);

    private Batch With(Bytes name, Wire.KeyWrite write, int bytes)
    {
        Take(KeyBytes.Of(name), write, bytes);
        return this;
    }

    internal void Take(in KeyBytes key, Wire.KeyWrite write, int bytes)
    {
        if (Count == 0)
            _first = key;
        write.Key = key.Bytes;
        _message.Writes.Add(write);
        _bytes += key.Bytes.Length + bytes + BytesAround;
    }
}
