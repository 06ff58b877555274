using System.Globalization;

namespace Gossipdb.Client.Connection;

/// <summary>
/// An option as it is written in a connection string, and as a key of a configuration section: <c>max-attempts</c> and
/// <c>MaxAttempts</c>. The options that are no text (a token's provider, certificates in memory, a logger) have no word.
/// </summary>
/// <param name="Word">The word of a connection string.</param>
/// <param name="Key">The key of a configuration, a section's and a colon before it where it is in one.</param>
/// <param name="Expected">What the value has to be, in words that follow "is".</param>
/// <param name="TrySet">Sets the option; false where the value is not what is expected.</param>
internal sealed record OptionWord(string Word, string Key, string Expected, Func<GossipdbOptions, string, bool> TrySet)
{
    private const string Text = "a text";
    private const string Time = "a time: seconds, 250ms or 00:00:05";
    private const string Truth = "true or false";
    private const string Level = "one, two, quorum, all or a number, with -sloppy behind it or not";

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<OptionWord> All { get; } =
    [
        new("endpoints", nameof(GossipdbOptions.Endpoints), "addresses separated by commas", static (options, text) =>
            (options.Endpoints = GossipdbOptions.ForEndpoints(text).Endpoints).Count > 0),
        Of("user", nameof(GossipdbOptions.User), static (options, text) => options.User = text),
        Of("password", nameof(GossipdbOptions.Password), static (options, text) => options.Password = text),
        Of("token", nameof(GossipdbOptions.Token), static (options, text) => options.Token = _ => ValueTask.FromResult(text)),
        Of("ca", "Tls:AuthorityFile", static (options, text) => TlsOf(options).AuthorityFile = text),
        Of("cert", "Tls:CertificateFile", static (options, text) => TlsOf(options).CertificateFile = text),
        Of("key", "Tls:KeyFile", static (options, text) => TlsOf(options).KeyFile = text),
        new("transport", nameof(GossipdbOptions.Transport), "frames or grpc", static (options, text) =>
        {
            var isOne = Enum.TryParse<ClientTransport>(text, ignoreCase: true, out var transport)
                && Enum.IsDefined(transport) && !char.IsAsciiDigit(text[0]);
            if (isOne) options.Transport = transport;
            return isOne;
        }),
        new("read", nameof(GossipdbOptions.DefaultRead), Level, static (options, text) =>
        {
            if (!ReplicaLevel.TryParse(text, out var level)) return false;
            options.DefaultRead = new Read(level);
            return true;
        }),
        new("write", nameof(GossipdbOptions.DefaultWrite), Level, static (options, text) =>
        {
            if (!ReplicaLevel.TryParse(text, out var level)) return false;
            options.DefaultWrite = new Write(level) { Durability = options.DefaultWrite.Durability };
            return true;
        }),
        new("durability", "Durability", "journal or memory", static (options, text) =>
        {
            if (!Enum.TryParse<Durability>(text, ignoreCase: true, out var durability) || char.IsAsciiDigit(text[0])) return false;
            options.DefaultWrite = options.DefaultWrite with { Durability = durability };
            return true;
        }),
        OfTime("timeout", nameof(GossipdbOptions.Timeout), static (options, time) => options.Timeout = time),
        OfTime("connect-timeout", nameof(GossipdbOptions.ConnectTimeout), static (options, time) => options.ConnectTimeout = time),
        OfTime("refresh-interval", nameof(GossipdbOptions.RefreshInterval), static (options, time) => options.RefreshInterval = time),
        OfTime("retry-delay", nameof(GossipdbOptions.RetryDelay), static (options, time) => options.RetryDelay = time),
        OfTime("max-retry-delay", nameof(GossipdbOptions.MaxRetryDelay), static (options, time) => options.MaxRetryDelay = time),
        OfTime("hedge-delay", nameof(GossipdbOptions.HedgeDelay), static (options, time) => options.HedgeDelay = time),
        OfNumber("max-attempts", nameof(GossipdbOptions.MaxAttempts), static (options, number) => options.MaxAttempts = number),
        OfNumber("max-in-flight", nameof(GossipdbOptions.MaxInFlight), static (options, number) => options.MaxInFlight = number),
        new("hedge-share", nameof(GossipdbOptions.HedgeShare), "a number above 0 and at most 1", static (options, text) =>
        {
            var isOne = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
                && share is > 0 and <= 1;
            if (isOne) options.HedgeShare = share;
            return isOne;
        }),
        OfTruth("discover", nameof(GossipdbOptions.Discover), static (options, holds) => options.Discover = holds),
        OfTruth("session", nameof(GossipdbOptions.Session), static (options, holds) => options.Session = holds),
        OfTruth("wait-for-node", nameof(GossipdbOptions.WaitForNode), static (options, holds) => options.WaitForNode = holds),
    ];

    /// <summary>The one of a connection string's word, whatever its case; null where there is none.</summary>
    public static OptionWord? OfWord(string word) => word.Equals("endpoint", StringComparison.OrdinalIgnoreCase)
        ? All[0]
        : All.FirstOrDefault(each => each.Word.Equals(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Which of some words one that is none is most like, to be asked whether it was meant; null where it is like none.</summary>
    public static string? Nearest(string wrong, IEnumerable<string> words)
    {
        var nearest = words.MinBy(word => Distance(wrong, word));
        return nearest is not null && Distance(wrong, nearest) <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

    private static OptionWord Of(string word, string key, Action<GossipdbOptions, string> set) => new(word, key, Text, (options, text) =>
    {
        set(options, text);
        return true;
    });

    private static OptionWord OfTime(string word, string key, Action<GossipdbOptions, TimeSpan> set) =>
        new(word, key, Time, (options, text) =>
        {
            if (TimeOf(text) is not { } time) return false;
            set(options, time);
            return true;
        });

    private static OptionWord OfNumber(string word, string key, Action<GossipdbOptions, int> set) =>
        new(word, key, "a whole number from 1 on", (options, text) =>
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1) return false;
            set(options, number);
            return true;
        });

    private static OptionWord OfTruth(string word, string key, Action<GossipdbOptions, bool> set) =>
        new(word, key, Truth, (options, text) =>
        {
            if (!bool.TryParse(text, out var holds)) return false;
            set(options, holds);
            return true;
        });

    // "5" and "2.5" are seconds: TimeSpan alone would take the first for days.
    private static TimeSpan? TimeOf(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? Reasonable(time.TotalSeconds) : null;
        var (digits, unit) = text.EndsWith("ms", StringComparison.OrdinalIgnoreCase) ? (text[..^2], 0.001)
            : text.EndsWith('s') ? (text[..^1], 1) : (text, 1);
        return double.TryParse(digits.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? Reasonable(number * unit)
            : null;
    }

    private static TimeSpan? Reasonable(double seconds) => seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;

    private static GossipdbTls TlsOf(GossipdbOptions options) => options.Tls ??= new GossipdbTls();

    // Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1);
                (diagonal, row[j]) = (row[j], Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1));
            }
        }

        return row[^1];
    }
}
