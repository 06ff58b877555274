using Gossipdb.Crdt.Causality;

namespace Gossipdb.Crdt.Tests.Harness;

/// <summary>One step of a schedule. Choices are taken modulo what there is to choose from, so that every schedule is possible.</summary>
internal abstract record Step
{
    /// <summary>An operation at a replica.</summary>
    internal sealed record Do(int At, Operation Operation, OperationId Id, int Physical, bool FirstAttempt) : Step;

    /// <summary>A deliverable event reaches a replica.</summary>
    internal sealed record Deliver(int At, int Choice) : Step;

    /// <summary>A replica joins the state of another one.</summary>
    internal sealed record JoinState(int At, int From, bool Whole) : Step;

    /// <summary>A replica goes on under a new identity.</summary>
    internal sealed record Restart(int At) : Step;

    /// <summary>What all know by now is to be the next stable cut. Perhaps all deadlines have passed too.</summary>
    internal sealed record Agree(bool DeadlinesPass) : Step;

    /// <summary>A replica collects at the stable cut agreed on, where it may already.</summary>
    internal sealed record Collect(int At) : Step;
}
