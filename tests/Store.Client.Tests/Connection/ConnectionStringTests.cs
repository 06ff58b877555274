using Microsoft.Extensions.DependencyInjection;

namespace Gossipdb.Client.Tests.Connection;

/// <summary>Options as one text, and what says who calls.</summary>
public sealed class ConnectionStringTests
{
    [Fact]
    public void A_connection_string_says_all_that_it_takes()
    {
        var options = GossipdbOptions.Parse(
            "endpoints=https://a:5101,https://b:5102; User=shop; password='semi;colon=and more'; ca=ca.crt; cert=me.crt; key=me.key; "
            + "timeout=2.5; transport=grpc; discover=false");

        Assert.Equal(["https://a:5101", "https://b:5102"], options.Endpoints);
        Assert.Equal(("shop", "semi;colon=and more"), (options.User, options.Password));
        Assert.Equal(("ca.crt", "me.crt", "me.key"), (options.Tls!.AuthorityFile, options.Tls.CertificateFile, options.Tls.KeyFile));
        Assert.Equal(
            (TimeSpan.FromSeconds(2.5), ClientTransport.Grpc, false), (options.Timeout, options.Transport, options.Discover));
    }

    [Fact]
    public void Every_option_that_is_text_has_a_word()
    {
        var options = GossipdbOptions.Parse(
            "endpoint=a; read=Two-Sloppy; write=all; durability=memory; connect-timeout=1; refresh-interval=00:00:03; retry-delay=20ms; "
            + "max-retry-delay=1.5s; hedge-delay=40 ms; hedge-share=0.25; max-attempts=3; max-in-flight=100; session=false; "
            + "wait-for-node=false");

        Assert.Equal(Read.Two.Sloppy, options.DefaultRead);
        Assert.Equal(Write.All with { Durability = Durability.Memory }, options.DefaultWrite);
        Assert.Equal(
            (1.0, 3.0, 0.02, 1.5, 0.04),
            (options.ConnectTimeout.TotalSeconds, options.RefreshInterval.TotalSeconds, options.RetryDelay.TotalSeconds,
                options.MaxRetryDelay.TotalSeconds, options.HedgeDelay!.Value.TotalSeconds));
        Assert.Equal(
            (0.25, 3, 100, false, false),
            (options.HedgeShare, options.MaxAttempts, options.MaxInFlight, options.Session, options.WaitForNode));
        Assert.Equal(
            (Write.Replicas(3), "3", Read.Default),
            (GossipdbOptions.Parse("endpoints=a;durability=journal;write=3").DefaultWrite,
                GossipdbOptions.Parse("endpoints=a;read=3").DefaultRead.ToString(),
                GossipdbOptions.Parse("endpoints=a;read=default").DefaultRead));
    }

    [Fact]
    public void No_option_was_forgotten()
    {
        string[] withoutWord = [nameof(GossipdbOptions.Tls), nameof(GossipdbOptions.LoggerFactory)];
        var keys = Client.Connection.OptionWord.All.Select(static word => word.Key).ToList();
        Assert.All(
            typeof(GossipdbOptions).GetProperties().Select(static option => option.Name).Except(withoutWord),
            option => Assert.Contains(option, keys));
    }

    [Theory]
    [InlineData("endpoints=a;read=hush", "has a read that is not one, two")]
    [InlineData("endpoints=a;hedge-share=2", "has a hedge-share that is not a number above 0")]
    [InlineData("endpoints=a;max-attempts=0", "has a max-attempts that is not a whole number")]
    [InlineData("endpoints=a;hedge-delai=hush", "'hedge-delay' is near")]
    [InlineData("user=a;password=hush", "names no endpoints")]
    [InlineData("endpoints=a;pasword=hush", "has a word that nobody knows, 'pasword'; 'password' is near.")]
    [InlineData("endpoints=a;hush", "is not of the form")]
    [InlineData("endpoints=a;timeout=hush", "has a timeout")]
    [InlineData("endpoints=a;transport=hush", "has a transport")]
    [InlineData("endpoints=a;discover=hush", "has a discover that is not true or false")]
    public void What_is_none_is_refused_and_no_value_of_it_shown(string text, string why)
    {
        var wrong = Assert.Throws<ArgumentException>(() => GossipdbOptions.Parse(text));

        Assert.Contains(why, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_what_says_who_calls_is_refused()
    {
        foreach (var options in (GossipdbOptions[])
            [new() { User = "a" }, new() { Password = "hush" }, new() { User = "a:b", Password = "hush" },
                new() { User = "a", Password = "hush", Token = static _ => ValueTask.FromResult("t") }])
        {
            options.Endpoints = ["a:1"];
            var wrong = Assert.Throws<ArgumentException>(() => new GossipdbClient(options));
            Assert.DoesNotContain("hush", wrong.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_show_no_secret()
    {
        var options = GossipdbOptions.Parse("endpoints=a:1;user=shop;password=hush");
        Assert.Equal("endpoints=a:1;user=shop", options.ToString());
        Assert.DoesNotContain("hush", GossipdbOptions.Parse("endpoints=a:1;token=hush").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_takes_a_connection_string()
    {
        await using var services = new ServiceCollection().AddGossipdb("endpoints=a:1;user=shop;password=hush").BuildServiceProvider();
        Assert.NotNull(services.GetRequiredService<GossipdbClient>());
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddGossipdb("endpoints=a:1;nonsense=1"));
    }
}
