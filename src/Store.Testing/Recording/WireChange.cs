using System.Text.Json;
using Wire = Gossipdb.Protocol;

namespace Gossipdb.Testing.Recording;

/// <summary>An operation on one object, as histories have it.</summary>
/// <param name="Type">The object's type; null where the operation does not say it.</param>
/// <param name="Op">What is done.</param>
/// <param name="Argument">With what; null where it needs nothing.</param>
internal readonly record struct WireChange(string? Type, string Op, JsonElement? Argument = null)
{
    /// <summary>An operation of a type that no checker knows.</summary>
    private const string Other = "update";

    /// <summary>A deletion says no type: it is of whatever the key holds.</summary>
    public static WireChange Deletion => new(null, "delete");

    /// <summary>An update by its name in histories.</summary>
    public static WireChange Of(Wire.Update update)
    {
        var type = update.Type;
        return update.OperationCase switch
        {
            Wire.Update.OperationOneofCase.CounterIncrement => Counted(
                WireValues.TypeName(Or(type, Wire.ValueType.Counter)), update.CounterIncrement.Amount),
            Wire.Update.OperationOneofCase.CounterReset => new("counter", "reset"),
            Wire.Update.OperationOneofCase.SetAdd => new(
                WireValues.TypeName(Or(type, Wire.ValueType.Set)), "add", WireValues.Texts(update.SetAdd.Elements_)),
            Wire.Update.OperationOneofCase.SetRemove => new(
                WireValues.TypeName(Or(type, Wire.ValueType.Set)), "remove", WireValues.Texts(update.SetRemove.Elements_)),

            // It removes all that its coordinator has seen, as a deletion does.
            Wire.Update.OperationOneofCase.SetClear => new(WireValues.TypeName(Or(type, Wire.ValueType.Set)), "delete"),
            Wire.Update.OperationOneofCase.RegisterAssign when update.RegisterAssign.MultiValue => new(
                "multi-register", "write", WireValues.Text(update.RegisterAssign.Value)),
            Wire.Update.OperationOneofCase.RegisterAssign => new(
                "register", "write", WireValues.Register(update.RegisterAssign.Value)),
            Wire.Update.OperationOneofCase.Flag => new(
                WireValues.TypeName(Or(type, Wire.ValueType.Flag)), update.Flag ? "enable" : "disable"),
            Wire.Update.OperationOneofCase.NumberAssign => new(
                WireValues.TypeName(Or(type, Wire.ValueType.MaxRegister)), "write", WireValues.Json(update.NumberAssign)),
            Wire.Update.OperationOneofCase.MapUpdate or Wire.Update.OperationOneofCase.MapRemove => new("map", Other),
            Wire.Update.OperationOneofCase.SortedSetAssign or Wire.Update.OperationOneofCase.SortedSetIncrement
                or Wire.Update.OperationOneofCase.SortedSetRemove => new("sorted-set", Other),
            Wire.Update.OperationOneofCase.SequenceInsert or Wire.Update.OperationOneofCase.SequenceDelete =>
                new("sequence", Other),
            Wire.Update.OperationOneofCase.TextInsert or Wire.Update.OperationOneofCase.TextDelete => new("text", Other),
            Wire.Update.OperationOneofCase.JsonSet or Wire.Update.OperationOneofCase.JsonInsert
                or Wire.Update.OperationOneofCase.JsonRemove => new("json", Other),
            Wire.Update.OperationOneofCase.HyperLogLogAdd => new("hyper-log-log", Other),
            _ => new("other", Other),
        };
    }

    private static WireChange Counted(string type, long amount) =>
        amount < 0 ? new(type, "decrement", WireValues.Json(-amount)) : new(type, "increment", WireValues.Json(amount));

    private static Wire.ValueType Or(Wire.ValueType type, Wire.ValueType first) => type == Wire.ValueType.None ? first : type;
}
