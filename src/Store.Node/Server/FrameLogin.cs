using Google.Protobuf;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Security;
using Gossipdb.Node.Transport;
using Gossipdb.Protocol;

namespace Gossipdb.Node.Server;

/// <summary>
/// How a connection of frames is logged in: by the client's certificate as it begins, and by a login frame whenever it sends one. A batch
/// of requests never begins as that does.
/// </summary>
/// <param name="access">Whether it must be.</param>
/// <param name="authenticator">Who finds out who it is.</param>
/// <param name="connection">The connection.</param>
/// <param name="account">Its account.</param>
internal sealed class FrameLogin(AccessControl access, Authenticator authenticator, FrameConnection connection, CallerAccount account)
{
    private const byte Kind = 6;
    private static readonly byte[] StartBytes = [.. Hello.Magic, Hello.Version, Kind];

    // Who was refused may read why.
    private static readonly TimeSpan ReadWithin = TimeSpan.FromSeconds(2);
    private volatile LoggedIn? _who;
    private int _underWay;

    /// <summary>Who has logged in; null where nobody has.</summary>
    public LoggedIn? Who => _who;

    /// <summary>Whether it was refused: what else comes is not heard.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>What a login frame begins with.</summary>
    public static ReadOnlySpan<byte> Start => StartBytes;

    /// <summary>Logs in by the certificate, where there is one.</summary>
    public async Task BeginAsync()
    {
        if (!access.IsOn || connection.Identity is null) return;
        try
        {
            Take(await authenticator.LogInAsync(null, connection.Identity, connection.Peer).ConfigureAwait(false));
        }
        catch (LoginRefusedException)
        {
            // It may still send a login frame. What it asks before is refused.
        }
    }

    /// <summary>Takes a frame that may be a login.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="welcome">Answers it, once it is let in.</param>
    /// <returns>False where it is something else.</returns>
    /// <exception cref="CorruptDataException">It makes no sense, or comes while another one is under way.</exception>
    public bool TryTake(ReadOnlySpan<byte> frame, Action welcome)
    {
        if (!frame.StartsWith(Start)) return false;
        if (frame.Length > JwtVerifier.MaxTokenBytes + 64) throw new CorruptDataException("a login frame that is too long");
        if (Interlocked.Exchange(ref _underWay, 1) == 1) throw new CorruptDataException("two logins at once");
        string authorization;
        try
        {
            authorization = LoginFrame.Parser.ParseFrom(frame[Start.Length..]).Authorization;
        }
        catch (InvalidProtocolBufferException unreadable)
        {
            throw new CorruptDataException($"a login frame that is none: {unreadable.Message}");
        }

        // A password takes long: not on the thread that reads.
        _ = Task.Run(() => LogInAsync(authorization, welcome));
        return true;
    }

    private async Task LogInAsync(string authorization, Action welcome)
    {
        try
        {
            // Who need not log in is welcome whatever it says.
            if (access.IsOn)
                Take(await authenticator.LogInAsync(authorization, connection.Identity, connection.Peer).ConfigureAwait(false));
            Interlocked.Exchange(ref _underWay, 0);
            welcome();
        }
        catch (LoginRefusedException refused)
        {
            await RefuseAsync(refused.Message).ConfigureAwait(false);
        }
        catch (Exception unforeseen)
        {
            await RefuseAsync($"the login failed with an error nobody foresaw ({unforeseen.GetType().Name})").ConfigureAwait(false);
        }
    }

    private void Take(LoggedIn? who)
    {
        if (who is null) return;
        _who = who;
        account.Caller = who.Caller;
    }

    private async Task RefuseAsync(string why)
    {
        _who = null;
        IsRefused = true;
        connection.Stage(Refusal.Encode(why));
        connection.Flush();
        await Task.Delay(ReadWithin).ConfigureAwait(false);
        connection.Close("it was not let in");
    }
}
