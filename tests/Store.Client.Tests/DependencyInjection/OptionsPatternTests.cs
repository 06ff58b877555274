using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gossipdb.Client.Tests.DependencyInjection;

/// <summary>Clients as services: options of a configuration, names, validation.</summary>
public sealed class OptionsPatternTests
{
    [Fact]
    public void A_section_of_the_configuration_sets_every_option()
    {
        var options = OptionsOf(
            ("Endpoints:0", "http://a:1"), ("Endpoints:1", "http://b:2"), ("User", "shop"), ("Password", "hush"),
            ("Timeout", "00:00:02"), ("HedgeDelay", "40ms"), ("MaxAttempts", "3"), ("DefaultRead", "quorum"),
            ("DefaultWrite", "two-sloppy"), ("Durability", "memory"), ("Discover", "false"), ("Transport", "Grpc"));

        Assert.Equal(["http://a:1", "http://b:2"], options.Endpoints);
        Assert.Equal(("shop", "hush"), (options.User, options.Password));
        Assert.Equal((2.0, 0.04, 3), (options.Timeout.TotalSeconds, options.HedgeDelay!.Value.TotalSeconds, options.MaxAttempts));
        Assert.Equal((Read.Quorum, false, ClientTransport.Grpc), (options.DefaultRead, options.Discover, options.Transport));
        Assert.Equal(Write.Two.Sloppy with { Durability = Durability.Memory }, options.DefaultWrite);
    }

    [Fact]
    public void A_connection_string_in_the_section_is_added_to()
    {
        var options = OptionsOf(("ConnectionString", "endpoints=a;timeout=1;max-attempts=2"), ("Timeout", "3"));
        Assert.Equal((3.0, 2, "a"), (options.Timeout.TotalSeconds, options.MaxAttempts, options.Endpoints.Single()));
    }

    [Theory]
    [InlineData("Timeuot", "hush", "The setting Gossipdb:Timeuot is none of Gossipdb's; Timeout is near.")]
    [InlineData("Tls:AuthorityFiel", "hush", "The setting Gossipdb:Tls:AuthorityFiel is none of Gossipdb's; Tls:AuthorityFile is near.")]
    [InlineData("Timeout", "hush", "The setting Gossipdb:Timeout is not a time: seconds, 250ms or 00:00:05.")]
    [InlineData("DefaultRead", "hush", "The setting Gossipdb:DefaultRead is not one, two, quorum, all or a number")]
    public void A_wrong_key_or_value_is_named_and_no_value_shown(string key, string value, string expected)
    {
        var wrong = Assert.Throws<ArgumentException>(() => OptionsOf(("Endpoints", "a"), (key, value)));
        Assert.StartsWith(expected, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_configuration_is_no_section()
    {
        var configuration = Configuration(("Endpoints", "a"), ("Logging:LogLevel", "None"));
        using var services = new ServiceCollection().AddGossipdb((IConfiguration)configuration).BuildServiceProvider();
        var wrong = Assert.Throws<ArgumentException>(services.GetRequiredService<GossipdbClient>);
        Assert.Contains("GetSection", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_does_not_start_with_options_that_make_no_sense()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddGossipdb("orders", static options => options.Endpoints = []);
        using var host = builder.Build();

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal("Gossipdb's client 'orders': The option Endpoints names no node. (Parameter 'options')", wrong.Message);
    }

    [Fact]
    public void Clients_have_names_and_each_its_options()
    {
        using var services = new ServiceCollection()
            .AddGossipdb("http://a:1")
            .AddGossipdb("orders", "endpoints=http://b:2")
            .AddGossipdb("orders", "endpoints=http://never:3")
            .Configure<GossipdbOptions>("orders", static options => options.MaxAttempts = 2)
            .BuildServiceProvider();
        var (plain, orders) = (services.GetRequiredService<GossipdbClient>(), services.GetRequiredKeyedService<GossipdbClient>("orders"));
        var options = services.GetRequiredService<IOptionsMonitor<GossipdbOptions>>();

        Assert.NotSame(plain, orders);
        Assert.Same(orders, services.GetRequiredKeyedService<GossipdbClient>("orders"));
        Assert.Equal(("http://a:1", 6), (options.CurrentValue.Endpoints.Single(), options.CurrentValue.MaxAttempts));
        Assert.Equal(("http://b:2", 2), (options.Get("orders").Endpoints.Single(), options.Get("orders").MaxAttempts));
    }

    private static GossipdbOptions OptionsOf(params (string Key, string Value)[] settings)
    {
        var section = Configuration([.. settings.Select(static setting => ("Gossipdb:" + setting.Key, setting.Value))]);
        using var services = new ServiceCollection().AddGossipdb(section.GetSection("Gossipdb")).BuildServiceProvider();
        return services.GetRequiredService<IOptions<GossipdbOptions>>().Value;
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build();
}
