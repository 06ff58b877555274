using System.Text.Json.Serialization;

namespace Gossipdb.Checking.History;

/// <summary>
/// One line of a history file: a JSON object whose "kind" says which. Instants are microseconds since the run began, by one clock that is
/// never set.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunRecord), "run")]
[JsonDerivedType(typeof(CallRecord), "call")]
[JsonDerivedType(typeof(FaultRecord), "fault")]
[JsonDerivedType(typeof(PhaseRecord), "phase")]
[JsonDerivedType(typeof(SampleRecord), "sample")]
[JsonDerivedType(typeof(StateRecord), "state")]
[JsonDerivedType(typeof(ConvergedRecord), "converged")]
public abstract record HistoryRecord;
