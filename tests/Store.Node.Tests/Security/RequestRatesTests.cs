using Gossipdb.Node.Security;

namespace Gossipdb.Node.Tests.Security;

public sealed class RequestRatesTests
{
    private static readonly Caller Alice = new("alice", CallerProof.Password, "10.0.0.1:1");

    [Fact]
    public void Without_limits_nothing_is_counted()
    {
        using var rates = new RequestRates(TestSettings.Parse());
        Assert.False(rates.IsOn);
        for (var i = 0; i < 100_000; i++) Assert.Null(rates.Refuse(Alice));
    }

    [Fact]
    public void A_user_may_make_so_many_requests_from_wherever_and_others_may_too()
    {
        using var rates = new RequestRates(TestSettings.Parse("gossipdb.limits.requests-per-user = 5"));
        for (var i = 0; i < 5; i++) Assert.Null(rates.Refuse(Alice with { From = $"10.0.0.{i}:1" }));

        var refusal = rates.Refuse(Alice);
        Assert.Contains("gossipdb.limits.requests-per-user", refusal, StringComparison.Ordinal);
        Assert.StartsWith("alice may make 5 requests a second", refusal, StringComparison.Ordinal);
        Assert.Null(rates.Refuse(Alice with { Name = "bob" }));
        Assert.Equal(1, rates.Refused);
    }

    [Fact]
    public void An_address_may_make_so_many_requests_from_whichever_port()
    {
        using var rates = new RequestRates(TestSettings.Parse("gossipdb.limits.requests-per-address = 5"));
        for (var i = 0; i < 5; i++) Assert.Null(rates.Refuse(Alice with { Name = $"user {i}", From = $"[::1]:{i}" }));

        Assert.Contains("gossipdb.limits.requests-per-address", rates.Refuse(Alice with { From = "[::1]:9" }), StringComparison.Ordinal);
        Assert.Null(rates.Refuse(Alice with { From = "[::2]:9" }));
    }
}
