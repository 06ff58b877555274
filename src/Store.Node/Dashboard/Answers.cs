using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gossipdb.Node.Security;
using Grpc.Core;

namespace Gossipdb.Node.Dashboard;

/// <summary>A request that makes no sense; the message says why.</summary>
internal sealed class BadCallException(string message) : Exception(message);

/// <summary>Answers to pages: JSON, and errors in plain words.</summary>
internal static class Answers
{
    /// <summary>Serves a call; what fails becomes an answer that says why.</summary>
    public static async Task ServeAsync(HttpContext http, RequestDelegate serve)
    {
        try
        {
            await serve(http);
        }
        catch (BadCallException wrong) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, wrong.Message);
        }
        catch (ControlException refused) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, StatusCodes.Status409Conflict, refused.Message);
        }
        catch (BadHttpRequestException wrong) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, wrong.StatusCode, $"the request is too large or damaged; a page may send {Gate.MaxBodyBytes} bytes");
        }
        catch (LoginRefusedException refused) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, refused.Message);
        }
        catch (RpcException failure) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, StatusOf(failure.StatusCode), ReasonOf(failure));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    /// <summary>Answers with a value.</summary>
    public static Task TellAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type) =>
        http.Response.WriteAsJsonAsync(value, type, cancellationToken: http.RequestAborted);

    /// <summary>Refuses, saying why.</summary>
    public static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new Refusal(message), DashboardJson.Default.Refusal);
    }

    /// <summary>Reads what a page has sent.</summary>
    /// <exception cref="BadCallException">It is not what is wanted.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        try
        {
            return await http.Request.ReadFromJsonAsync(type, http.RequestAborted) ?? throw new BadCallException("the request is empty");
        }
        catch (JsonException malformed)
        {
            throw new BadCallException($"the request is not the JSON that is wanted: {malformed.Message}");
        }
    }

    /// <summary>Why a node did not do something, in a few words.</summary>
    public static string ReasonOf(RpcException failure) => failure.StatusCode switch
    {
        StatusCode.DeadlineExceeded => "it does not answer in time",
        StatusCode.ResourceExhausted when failure.Status.Detail.StartsWith("Received", StringComparison.Ordinal) =>
            $"what it holds is larger than is shown here ({NodeCalls.MaxAnswerBytes >> 20} MiB)",
        StatusCode.Unavailable when failure.Status.DebugException is not null => "it does not answer",
        _ => failure.Status.Detail,
    };

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => StatusCodes.Status400BadRequest,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status502BadGateway,
    };
}
