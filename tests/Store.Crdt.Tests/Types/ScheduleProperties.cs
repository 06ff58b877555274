using CsCheck;

namespace Gossipdb.Crdt.Tests;

/// <summary>Random schedules against the specification. A failure prints the seed and the shortest schedule found; CsCheck replays it with <c>seed:</c>.</summary>
public class ScheduleProperties
{
    private const int SchedulesPerType = 2_000;

    [Theory]
    [InlineData(CrdtType.Counter)]
    [InlineData(CrdtType.Set)]
    [InlineData(CrdtType.Register)]
    [InlineData(CrdtType.MultiRegister)]
    [InlineData(CrdtType.Flag)]
    [InlineData(CrdtType.Map)]
    public void State_is_a_function_of_its_clock_and_means_what_the_specification_says(CrdtType type) =>
        Operations.Schedule(type).Sample(steps => Schedule.Run(type, steps), iter: SchedulesPerType, print: Schedule.Print);
}
