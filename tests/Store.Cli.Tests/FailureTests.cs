using Gossipdb.Cli.Nodes;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Tests;

public sealed class FailureTests
{
    public static TheoryData<Exception, int, string> Failures => new()
    {
        { CliException.Usage("m"), 2, "usage" },
        { new ConfigurationException("m"), 2, "configuration" },
        { new UnavailableException("m"), 3, "unavailable" },
        { new SessionUnavailableException("m"), 3, "sessionUnavailable" },
        { new IndeterminateException("m"), 4, "indeterminate" },
        { new ConnectionException("m"), 5, "connection" },
        { new TimedOutException("m"), 6, "timedOut" },
        { new WrongTypeException("m"), 7, "wrongType" },
        { new TooLargeException("m"), 8, "tooLarge" },
        { new InvalidRequestException("m"), 8, "invalidRequest" },
        { new InsufficientRightsException("m"), 8, "insufficientRights" },
        { new OverloadedException("m"), 9, "overloaded" },
        { new RefusingWritesException("m"), 9, "refusingWrites" },
        { new InternalException("m"), 10, "internal" },
        { new OperationExpiredException("m"), 1, "operationExpired" },
        { new GossipdbException("m"), 1, "error" },
        { new OperationCanceledException(), 130, "interrupted" },
        { new InvalidOperationException("m"), 1, "unexpected" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Every_failure_has_an_exit_code_and_a_code_for_scripts(Exception problem, int exit, string code)
    {
        var failure = Failure.Of(problem);

        Assert.Equal(exit, (int)failure.Exit);
        Assert.Equal(code, failure.Code);
    }

    [Fact]
    public void Json_says_how_many_replicas_were_short()
    {
        var json = Failure.Of(new UnavailableException("too few", required: 2, reachable: 1)).ToJson();

        Assert.Equal("""{"error":{"code":"unavailable","message":"too few","required":2,"reachable":1,"acked":0}}""", json.ToJsonString());
    }

    [Fact]
    public void Json_leaves_the_counts_out_where_they_do_not_matter()
    {
        var json = Failure.Of(new ConnectionException("nobody there")).ToJson();

        Assert.Equal("""{"error":{"code":"connection","message":"nobody there"}}""", json.ToJsonString());
    }

    [Fact]
    public void Nobody_is_told_parameters_and_stack_traces()
    {
        var wrong = Failure.Of(
            new ArgumentOutOfRangeException("timeout", TimeSpan.Zero, "A timeout lies between a millisecond and a day."));
        Assert.Equal((ExitCode.Usage, "A timeout lies between a millisecond and a day."), (wrong.Exit, wrong.Message));
        Assert.Equal(
            "'x' is not the address of a node.",
            Failure.Of(new ArgumentException("'x' is not the address of a node.", "endpoint")).Message);

        var unforeseen = Failure.Of(Assert.Throws<NullReferenceException>(static () => ((string)null!).Length));
        Assert.Null(unforeseen.Detail);
        Assert.StartsWith("this must never happen, please report it", unforeseen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_exit_code_is_explained_once() =>
        Assert.Equal(Enum.GetValues<ExitCode>(), ExitCodes.All.Select(static entry => entry.Code));

    [Fact]
    public void A_message_of_several_lines_becomes_one()
    {
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(TextWriter.Null, error, interactive: false);

        Assert.Equal(1, terminal.Report(Failure.Of(new GossipdbException("one\r\ntwo")), json: false));
        Assert.Equal("gossipdb: one two\n", error.ToString());
    }
}
