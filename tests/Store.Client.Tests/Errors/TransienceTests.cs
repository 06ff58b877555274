namespace Gossipdb.Client.Tests.Errors;

/// <summary>Which exceptions say that the same call may be made again.</summary>
public sealed class TransienceTests
{
    [Fact]
    public void What_did_nothing_and_may_pass_is_transient_and_all_else_is_not()
    {
        Type[] transient =
        [
            typeof(ConnectionException), typeof(OperationExpiredException), typeof(OverloadedException), typeof(RefusingWritesException),
            typeof(SessionLostException), typeof(SessionUnavailableException), typeof(StalenessExceededException),
            typeof(TimedOutException), typeof(UnavailableException),
        ];
        var all = typeof(GossipdbException).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(GossipdbException))
                && type != typeof(ReadBackException) && type != typeof(ValueFormatException))
            .ToDictionary(static type => type, static type => ((GossipdbException)Activator.CreateInstance(type, "m", 0, 0, 0, null)!));

        Assert.All(all, each => Assert.Equal(transient.Contains(each.Key), each.Value.IsTransient));
        Assert.False(new GossipdbException("m").IsTransient);
    }
}
