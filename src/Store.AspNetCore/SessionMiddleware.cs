using Gossipdb.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gossipdb.AspNetCore;

/// <summary>Takes the token out of the request, and gives it to the response.</summary>
internal sealed partial class SessionMiddleware
{
    private readonly RequestDelegate _next;
    private readonly GossipdbSessionOptions _options;
    private readonly TokenEnvelope _envelope;
    private readonly ILogger<SessionMiddleware> _logger;

    public SessionMiddleware(
        RequestDelegate next, IOptions<GossipdbSessionOptions> options, TokenEnvelope envelope, ILogger<SessionMiddleware> logger)
    {
        options.Value.Check();
        (_next, _options, _envelope, _logger) = (next, options.Value, envelope, logger);
    }

    public Task InvokeAsync(HttpContext context, RequestSession session)
    {
        if (_options.Header is { } header && context.Request.Headers.TryGetValue(header, out var sent))
        {
            if (!_envelope.TryRead(sent.ToString(), _options.MaxTokenBytes, out var brought))
                return RefuseAsync(context, header);
            session.Brought = brought;
            context.Response.OnStarting(() => AnswerAsync(context, session, byHeader: true, isUnreadable: false));
            return _next(context);
        }

        var isUnreadable = false;
        if (_options.Cookie is { } cookie && context.Request.Cookies.TryGetValue(cookie.Name!, out var kept))
        {
            isUnreadable = !_envelope.TryRead(kept, _options.MaxTokenBytes, out var brought);
            if (isUnreadable) Unreadable(cookie.Name!);
            session.Brought = brought ?? [];
        }

        context.Response.OnStarting(() => AnswerAsync(context, session, byHeader: false, isUnreadable));
        return _next(context);
    }

    private Task AnswerAsync(HttpContext context, RequestSession session, bool byHeader, bool isUnreadable)
    {
        var partitions = Ordered(session);
        if (partitions is null)
        {
            if (isUnreadable) context.Response.Cookies.Delete(_options.Cookie!.Name!, _options.Cookie.Build(context));
            return Task.CompletedTask;
        }

        var text = _envelope.Write(partitions, _options.MaxTokenBytes, out var written);
        if (written < partitions.Count) Shortened(partitions.Count, partitions.Count - written, _options.MaxTokenBytes);
        if (_options.Header is { } header) context.Response.Headers[header] = text;
        if (!byHeader && _options.Cookie is { } cookie) context.Response.Cookies.Append(cookie.Name!, text, cookie.Build(context));

        // Nobody else is to be given it.
        if (context.Response.Headers.CacheControl.Count == 0) context.Response.Headers.CacheControl = "no-cache, no-store";
        return Task.CompletedTask;
    }

    // Null where there is nothing new. What changed comes first, then the others in the order they had.
    private static List<ClockToken>? Ordered(RequestSession session)
    {
        if (session.Opened is not { } opened) return null;
        var (now, before) = (opened.Token.ByPartition(), session.Brought);
        var changed = now.Where(one => !before.Contains(one)).ToList();
        if (changed.Count == 0 && now.Count == before.Count) return null;
        return [.. changed, .. before.Where(one => now.Contains(one))];
    }

    private static Task RefuseAsync(HttpContext context, string header)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"The header {header} holds no session token that can be read here. Send the request without it to begin a new session.\n",
            context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Information, "The cookie {Cookie} holds no session token that can be read here: a new session begins. "
        + "Where this is frequent, see that all web servers share their Data Protection keys.")]
    private partial void Unreadable(string cookie);

    [LoggerMessage(2, LogLevel.Information, "A session saw {Partitions} partitions, and those {Dropped} that changed longest ago are "
        + "dropped from its token, which may take {MaxBytes} bytes (MaxTokenBytes).")]
    private partial void Shortened(int partitions, int dropped, int maxBytes);
}
