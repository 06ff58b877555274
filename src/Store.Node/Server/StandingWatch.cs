using Gossipdb.Node.Security;

namespace Gossipdb.Node.Server;

/// <summary>Watches, as long as a call lasts, whether its caller may still make it.</summary>
internal sealed class StandingWatch : IDisposable
{
    private readonly AccountBook _book;
    private readonly Func<AccessRefusal?> _look;
    private readonly CancellationTokenSource _ended;
    private volatile AccessRefusal? _refusal;

    /// <param name="book">Tells of changes.</param>
    /// <param name="who">The caller; null where nobody is asked.</param>
    /// <param name="look">Whether it may.</param>
    /// <param name="cancelled">Ends the call for other reasons.</param>
    public StandingWatch(AccountBook book, LoggedIn? who, Func<AccessRefusal?> look, CancellationToken cancelled)
    {
        (_book, _look) = (book, look);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        _book.Changed += Look;
        Look();
        if (who?.Until is not null) _ = LookAtEndAsync(who);
    }

    /// <summary>Cancelled when the call is to end.</summary>
    public CancellationToken Token => _ended.Token;

    /// <summary>Ends the call as refused, where it was.</summary>
    public void Require() => Authentication.Require(_refusal);

    public void Dispose()
    {
        _book.Changed -= Look;
        _ended.Cancel();
        _ended.Dispose();
    }

    private void Look()
    {
        if (_look() is not { } refusal) return;
        _refusal ??= refusal;
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended.
        }
    }

    private async Task LookAtEndAsync(LoggedIn who)
    {
        try
        {
            var token = _ended.Token;
            while (who.Left is { } left && left > TimeSpan.Zero && !token.IsCancellationRequested)
            {
                await Task.Delay(left < TimeSpan.FromHours(1) ? left + TimeSpan.FromMilliseconds(10) : TimeSpan.FromHours(1), token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Look();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended.
        }
    }
}
