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

    [Theory]
    [InlineData("user=a;password=hush", "names no endpoints")]
    [InlineData("endpoints=a;pasword=hush", "has a word that nobody knows, 'pasword'")]
    [InlineData("endpoints=a;hush", "is not of the form")]
    [InlineData("endpoints=a;timeout=hush", "has a timeout")]
    [InlineData("endpoints=a;transport=hush", "has a transport")]
    [InlineData("endpoints=a;discover=hush", "says discover")]
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
