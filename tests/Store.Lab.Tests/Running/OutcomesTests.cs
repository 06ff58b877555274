using Gossipdb.Checking.History;
using Gossipdb.Client;
using Gossipdb.Lab.Running;

namespace Gossipdb.Lab.Tests.Running;

public sealed class OutcomesTests
{
    // Every kind of error that the client has, and what became of a write that it is told of.
    private static readonly Dictionary<Type, Outcome> OfWrites = new()
    {
        [typeof(GossipdbException)] = Outcome.Unknown,
        [typeof(IndeterminateException)] = Outcome.Unknown,
        [typeof(TimedOutException)] = Outcome.Unknown,
        [typeof(NotTextException)] = Outcome.Unknown, // never of a write
        [typeof(ValueFormatException)] = Outcome.Unknown, // nor this
        [typeof(ReadBackException)] = Outcome.Ok,
        [typeof(UnavailableException)] = Outcome.Refused,
        [typeof(SessionUnavailableException)] = Outcome.Refused,
        [typeof(SessionLostException)] = Outcome.Refused,
        [typeof(StalenessExceededException)] = Outcome.Refused,
        [typeof(RefusingWritesException)] = Outcome.Refused,
        [typeof(InsufficientRightsException)] = Outcome.Refused,
        [typeof(OverloadedException)] = Outcome.Refused,
        [typeof(OperationExpiredException)] = Outcome.Refused,
        [typeof(InternalException)] = Outcome.Refused,
        [typeof(InvalidRequestException)] = Outcome.Refused,
        [typeof(TooLargeException)] = Outcome.Refused,
        [typeof(WrongTypeException)] = Outcome.Refused,
        [typeof(PermissionDeniedException)] = Outcome.Refused,
        [typeof(AuthenticationFailedException)] = Outcome.Refused,
        [typeof(ConnectionException)] = Outcome.Refused,
    };

    [Fact]
    public void Every_error_of_the_client_says_what_became_of_a_write()
    {
        var kinds = typeof(GossipdbException).Assembly.GetExportedTypes()
            .Where(static type => type.IsAssignableTo(typeof(GossipdbException)));

        foreach (var kind in kinds) Assert.Equal((kind, OfWrites[kind]), (kind, Outcomes.Of(Make(kind), isRead: false)));
    }

    [Fact]
    public void A_read_changes_nothing_whatever_becomes_of_it() =>
        Assert.All(OfWrites.Keys, static kind => Assert.Equal(Outcome.Refused, Outcomes.Of(Make(kind), isRead: true)));

    [Fact]
    public void A_write_that_was_given_up_may_have_taken_effect() =>
        Assert.Equal(Outcome.Unknown, Outcomes.Of(new OperationCanceledException(), isRead: false));

    [Fact]
    public void Errors_have_the_names_of_the_history() => Assert.Equal(
        ["Unavailable", "InsufficientRights", "Other", "GivenUp"],
        new Exception[]
        {
            new UnavailableException(""), new InsufficientRightsException(""), new GossipdbException(""), new OperationCanceledException(),
        }.Select(Outcomes.NameOf));

    private static Exception Make(Type kind) => kind == typeof(ReadBackException)
        ? new ReadBackException("", Receipt.None, new TimedOutException(""))
        : kind == typeof(ValueFormatException)
            ? new ValueFormatException("", new FormatException())
            : (Exception)Activator.CreateInstance(kind, "", 0, 0, 0, null)!;
}
