using System.IO.Hashing;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Observability;
using Gossipdb.Replication.Accounts;

namespace Gossipdb.Node.Security;

/// <summary>
/// The users and roles as this node knows them. What is new is on its disk before anybody acts on it. Reading is for any thread and costs
/// nothing; changing waits for the disk, and is for no thread within a lane.
/// </summary>
internal sealed class AccountBook
{
    private readonly Lock _gate = new();
    private readonly NodeSettings _settings;
    private readonly NodeHealth _health;
    private volatile Page _page;

    private sealed record Page(AccountState State, AccountView View, byte[] Encoded, UInt128 Digest);

    /// <exception cref="ConfigurationProblem">The file in the data directory is damaged.</exception>
    public AccountBook(NodeSettings settings, NodeHealth health)
    {
        (_settings, _health) = (settings, health);
        _page = PageOf(AccountFile.Load(settings.DataDirectory));
    }

    /// <summary>Told, on the thread that changed them, each time the accounts are others.</summary>
    public event Action? Changed;

    /// <summary>Who there is and may what. Another object each time that changes.</summary>
    public AccountView View => _page.View;

    /// <summary>Whether nobody has said anything of users yet.</summary>
    public bool IsEmpty => _page.State.IsEmpty;

    /// <summary>The accounts' bytes.</summary>
    public byte[] Encoded => _page.Encoded;

    /// <summary>A hash of these.</summary>
    public UInt128 Digest => _page.Digest;

    /// <summary>Makes a change.</summary>
    /// <exception cref="AccountRefusedException">It cannot be made.</exception>
    /// <exception cref="IOException">The disk does not take it: nothing has changed.</exception>
    public void Apply(params IReadOnlyList<AccountChange> changes)
    {
        lock (_gate)
        {
            var next = _page.State;
            foreach (var change in changes) next = next.Apply(change, _settings.Id);
            if (!Take(next)) return;
        }

        Changed?.Invoke();
    }

    /// <summary>Takes what another node knows, or what a first start makes up.</summary>
    /// <returns>Whether anything of it was new.</returns>
    public bool Join(AccountState other)
    {
        try
        {
            lock (_gate)
            {
                if (!Take(_page.State.Join(other))) return false;
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            _health.WarnNowAndThen("accounts", $"users and roles that another node told of are not followed: they cannot be kept in "
                + $"{AccountFile.PathIn(_settings.DataDirectory)}: {unwritable.Message}; once the file can be written they are told again");
            return false;
        }

        Changed?.Invoke();
        return true;
    }

    private bool Take(AccountState next)
    {
        var page = PageOf(next);
        if (page.Digest == _page.Digest) return false;
        AccountFile.Save(_settings.DataDirectory, next);
        _page = page;
        return true;
    }

    private static Page PageOf(AccountState state)
    {
        var encoded = state.Encode();
        return new Page(state, new AccountView(state), encoded, XxHash128.HashToUInt128(encoded));
    }
}
