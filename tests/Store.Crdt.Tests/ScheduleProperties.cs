using CsCheck;
using Gossipdb.Crdt.Tests.Harness;

namespace Gossipdb.Crdt.Tests;

/// <summary>
/// Random schedules against the specification. A failure prints the seed and the shortest schedule found; CsCheck replays it with
/// <c>seed:</c>.
/// </summary>
public class ScheduleProperties
{
    private const int SchedulesPerType = 10_000;

    public static TheoryData<CrdtType> Types => [.. TypeSpecs.All.Select(spec => spec.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void State_is_a_function_of_its_clock_and_means_what_the_specification_says(CrdtType type) =>
        TypeSpecs.Schedule(type).Sample(
            steps => Schedule.Run(type, steps), iter: SchedulesPerType, print: steps => Schedule.Print(type, steps));

    [Fact]
    public void Every_type_has_a_specification() =>
        Assert.Equal(Enum.GetValues<CrdtType>().Where(IsKnown), TypeSpecs.All.Select(spec => spec.Type).Order());

    private static bool IsKnown(CrdtType type)
    {
        try
        {
            return Crdt.Bottom(type).Type == type;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
