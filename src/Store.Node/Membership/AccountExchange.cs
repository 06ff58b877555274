using System.Buffers.Binary;
using System.Threading.Channels;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Links;
using Gossipdb.Node.Observability;
using Gossipdb.Node.Security;
using Gossipdb.Replication.Accounts;
using Gossipdb.Replication.Placement;

namespace Gossipdb.Node.Membership;

/// <summary>
/// Tells the other nodes of users and roles. Each change is told to all at once, whole; and every node tells the others a hash of what it
/// knows every so often, whereupon who knows otherwise tells what it knows. So all come to know the same, also after a cut.
/// </summary>
internal sealed class AccountExchange : IAsyncDisposable
{
    private const byte Hash = 0;
    private const byte All = 1;
    private const int HashBytes = 1 + 16;
    private const int MaxWaiting = 64;
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private readonly AccountBook _book;
    private readonly NodeLinks _links;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<(byte[] Content, NodeId From)> _heard = Channel.CreateBounded<(byte[], NodeId)>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private Task _running = Task.CompletedTask;

    public AccountExchange(NodeSettings settings, NodeHealth health, AccountBook book, NodeLinks links) =>
        (_settings, _health, _book, _links) = (settings, health, book, links);

    /// <summary>Tells and listens from here on. The links have begun.</summary>
    public void Begin()
    {
        _book.Changed += TellAll;
        _running = Task.WhenAll(Task.Run(ListenAsync), Task.Run(TellHashesAsync));
    }

    /// <summary>Takes what another node says. Never blocks: it is handled on another thread.</summary>
    public void Take(byte[] content, NodeId from) => _heard.Writer.TryWrite((content, from));

    public async ValueTask DisposeAsync()
    {
        _book.Changed -= TellAll;
        await _stopping.CancelAsync();
        await _running;
    }

    /// <summary>What is told where something has changed.</summary>
    internal static byte[] EncodeAll(AccountBook book) => [All, .. book.Encoded];

    /// <summary>What is told every so often.</summary>
    internal static byte[] EncodeHash(AccountBook book)
    {
        var bytes = new byte[HashBytes];
        bytes[0] = Hash;
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(1), book.Digest);
        return bytes;
    }

    private void TellAll() => Tell(EncodeAll(_book));

    private void Tell(byte[] content)
    {
        foreach (var node in _links.Nodes) _links[node].Send(LinkFrames.Accounts, content);
    }

    private async Task TellHashesAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(_settings.Replica.GossipIntervalMs));
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                // Where nobody has said anything of users, nor is to, there is nothing to tell: an earlier version knows no such thing.
                if (_settings.Security.IsOn || !_book.IsEmpty) Tell(EncodeHash(_book));
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception unexpected)
        {
            _health.Fail("the exchange of users and roles failed", unexpected);
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var (content, from) in _heard.Reader.ReadAllAsync(_stopping.Token))
            {
                try
                {
                    Hear(content, from);
                }
                catch (CorruptDataException unreadable)
                {
                    _health.WarnNowAndThen("accounts", $"node {from} tells users and roles that cannot be read: {unreadable.Message}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception unexpected)
        {
            _health.Fail("the exchange of users and roles failed", unexpected);
        }
    }

    private void Hear(byte[] content, NodeId from)
    {
        if (content is [Hash, ..] && content.Length == HashBytes)
        {
            if (BinaryPrimitives.ReadUInt128LittleEndian(content.AsSpan(1)) != _book.Digest) Answer(from);
        }
        else if (content is [All, .. var told])
        {
            // What is new here is told to all, the teller included: it may know less still.
            if (!_book.Join(AccountState.Decode(told)) && !told.AsSpan().SequenceEqual(_book.Encoded)) Answer(from);
        }
        else
        {
            throw new CorruptDataException("it is neither a hash nor users and roles");
        }
    }

    private void Answer(NodeId to)
    {
        if (_links.TryFind(to, out var link)) link.Send(LinkFrames.Accounts, EncodeAll(_book));
    }
}
