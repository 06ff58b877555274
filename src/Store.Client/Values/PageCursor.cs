using System.Buffers.Text;
using Google.Protobuf;

namespace Gossipdb.Client;

/// <summary>Where the next page begins, as text that can go into a URL.</summary>
internal static class PageCursor
{
    public static ByteString Parse(string? cursor)
    {
        if (cursor is null)
            return ByteString.Empty;
        return Base64Url.IsValid(cursor)
            ? UnsafeByteOperations.UnsafeWrap(Base64Url.DecodeFromChars(cursor))
            : throw new InvalidRequestException($"'{cursor}' is no cursor of a page.");
    }

    public static string? Text(ByteString next) => next.IsEmpty ? null : Base64Url.EncodeToString(next.Span);
}
