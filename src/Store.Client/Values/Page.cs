using System.Runtime.CompilerServices;

namespace Gossipdb.Client;

/// <summary>Some of the elements of a set, of the fields of a map, or of the keys of a store.</summary>
/// <param name="Items">What is on the page.</param>
/// <param name="Next">The cursor of the next page, to be passed on as it is; null where this was the last.</param>
/// <typeparam name="T">What the page holds.</typeparam>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Page after page.</summary>
internal static class Pages
{
    public static async IAsyncEnumerable<T> EnumerateAsync<T>(
        Func<string?, CancellationToken, Task<Page<T>>> read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var page = await read(cursor, cancellation).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return item;
            cursor = page.Next;
        }
        while (cursor is not null);
    }
}
