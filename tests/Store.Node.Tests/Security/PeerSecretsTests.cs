using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;

namespace Gossipdb.Node.Tests.Security;

public sealed class PeerSecretsTests : IDisposable
{
    private const string First = "the first secret, which is long enough";
    private const string Second = "the second one, and it is long enough too";
    private readonly TemporaryDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "secrets");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_line_is_a_secret_and_the_first_is_the_own()
    {
        var secrets = Load($"\n  {First}  \r\n{Second}\n\n");

        Assert.True(secrets.IsOn);
        Assert.Equal([First, Second], secrets.Now().Select(static one => System.Text.Encoding.UTF8.GetString(one)));
        Assert.DoesNotContain("secret, which", $"{secrets}", StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_there_is_none()
    {
        var secrets = PeerSecrets.Load(TestSettings.Parse());

        Assert.False(secrets.IsOn);
        Assert.Empty(secrets.Now());
    }

    [Fact]
    public void A_file_that_changes_is_read_again_and_one_that_is_no_good_changes_nothing()
    {
        var secrets = Load(First);
        System.IO.File.WriteAllText(File, $"{Second}\n{First}");
        Assert.Equal([Second, First], Texts());

        System.IO.File.WriteAllText(File, "short");
        Assert.Equal([Second, First], Texts());
        System.IO.File.Delete(File);
        Assert.Equal([Second, First], Texts());
        System.IO.File.WriteAllText(File, First);
        Assert.Equal([First], Texts());

        IEnumerable<string> Texts() => secrets.Now().Select(static one => System.Text.Encoding.UTF8.GetString(one));
    }

    [Theory]
    [InlineData("", "has 0 secrets")]
    [InlineData("hunter2\n", "has 7 characters as its secret 1")]
    [InlineData(First + "\nhunter2\n", "has 7 characters as its secret 2")]
    public void A_file_that_is_no_good_is_refused_and_nothing_of_it_is_told(string text, string why)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Load(text));

        Assert.StartsWith($"gossipdb.cluster.secret-file: {File} ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => PeerSecrets.Load(Settings()));

        Assert.Equal($"gossipdb.cluster.secret-file: there is no file {File}", problem.Message);
    }

    private PeerSecrets Load(string text)
    {
        System.IO.File.WriteAllText(File, text);
        return PeerSecrets.Load(Settings());
    }

    private NodeSettings Settings() => TestSettings.Parse($"gossipdb.cluster.secret-file = \"{File}\"");
}
