using Gossipdb.Node.Configuration;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Settings of who is let in.</summary>
public sealed class SecuritySettingsTests
{
    [Fact]
    public void Nobody_must_log_in_unless_it_is_said()
    {
        var settings = TestSettings.Parse();

        Assert.False(settings.Security.IsOn);
        Assert.Null(settings.Security.Jwt);
        Assert.Equal(TimeSpan.FromHours(8), settings.Security.Session);
    }

    [Theory]
    [InlineData("jwt.authority = \"http://login.example.com\"\ngossipdb.security.jwt.audience = shop", "wanted is an https:// address")]
    [InlineData("jwt.authority = \"https://login.example.com\"", "gossipdb.security.jwt.audience is not set")]
    [InlineData("jwt.keys-file = \"keys\"\ngossipdb.security.jwt.audience = shop", "gossipdb.security.jwt.issuer is not set")]
    [InlineData("jwt.keys-file = \"nowhere\"", "there is no such file")]
    [InlineData("jwt.issuer = \"x\"", "says who signs tokens")]
    [InlineData("jwt.keys-file = \"keys\"\ngossipdb.security.jwt.authority = \"https://a\"", "set the one that has the keys")]
    [InlineData("jwt.keys-file = \"keys\"\ngossipdb.security.jwt.issuer = gossipdb", "the nodes' own tokens")]
    public void What_cannot_be_meant_is_refused(string line, string why)
    {
        var there = typeof(SecuritySettingsTests).Assembly.Location.Replace("\\", "/", StringComparison.Ordinal);
        line = line.Replace("\"keys\"", $"\"{there}\"", StringComparison.Ordinal);
        var problem = Assert.Throws<ConfigurationProblem>(() => TestSettings.Parse($"gossipdb.security.{line}"));

        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }
}
