using Gossipdb.Protocol;

namespace Gossipdb.Client.Tests.Fakes;

/// <summary>Just enough of every type, on one node, to answer what was written.</summary>
internal sealed class FakeStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Value> _values = [];

    public Reply Execute(Request request)
    {
        var key = request.Key.ToStringUtf8();
        lock (_gate)
        {
            switch (request.ActionCase)
            {
                case Request.ActionOneofCase.Update:
                    if (!_values.TryGetValue(key, out var value))
                        _values.Add(key, value = new Value());
                    Apply(value, request.Update);
                    return new Reply { Written = new Written() };
                case Request.ActionOneofCase.Delete:
                    _values.Remove(key);
                    return new Reply { Written = new Written() };
                case Request.ActionOneofCase.Batch:
                    foreach (var write in request.Batch.Writes)
                    {
                        if (write.Delete is not null) _values.Remove(write.Key.ToStringUtf8());
                        else if (write.Update is not null)
                        {
                            Apply(_values.TryGetValue(write.Key.ToStringUtf8(), out var held)
                                ? held
                                : _values[write.Key.ToStringUtf8()] = new Value(), write.Update);
                        }
                    }

                    return new Reply { Written = new Written() };
                case Request.ActionOneofCase.MultiRead:
                    var values =
                        request.MultiRead.Keys.Select(each => _values.GetValueOrDefault(each.ToStringUtf8())?.Clone() ?? new Value());
                    return new Reply { Values = new() { Values_ = { values } } };
                default:
                    return new Reply { Value = Answer(_values.GetValueOrDefault(key)?.Clone() ?? new Value(), request.Read) };
            }
        }
    }

    private static Value Answer(Value value, Protocol.Read read) =>
        read.Contains ? new Value { Contains = value.Set?.Elements_.Contains(read.Element) ?? false } : value;

    private static void Apply(Value value, Update update)
    {
        switch (update.OperationCase)
        {
            case Update.OperationOneofCase.CounterIncrement:
                value.Counter += update.CounterIncrement.Amount;
                break;
            case Update.OperationOneofCase.CounterReset:
                value.Counter = 0;
                break;
            case Update.OperationOneofCase.SetAdd:
                var held = (value.Set ??= new Elements()).Elements_;
                held.Add(update.SetAdd.Elements_.Where(element => !held.Contains(element)).ToList());
                break;
            case Update.OperationOneofCase.SetRemove:
                foreach (var element in update.SetRemove.Elements_)
                    (value.Set ??= new Elements()).Elements_.Remove(element);
                break;
            case Update.OperationOneofCase.SetClear:
                value.Set = new Elements();
                break;
            case Update.OperationOneofCase.RegisterAssign when update.RegisterAssign.MultiValue:
                // Every write is taken for a concurrent one, so that there are siblings to read.
                (value.MultiRegister ??= new Elements()).Elements_.Add(update.RegisterAssign.Value);
                break;
            case Update.OperationOneofCase.RegisterAssign:
                value.Register = new RegisterValue { Value = update.RegisterAssign.Value, TimestampUnixMs = 1_700_000_000_000 };
                break;
            case Update.OperationOneofCase.Flag:
                value.Flag = update.Flag;
                break;
            case Update.OperationOneofCase.MapUpdate:
                value.Map ??= new Protocol.MapValue();
                foreach (var change in update.MapUpdate.Fields)
                    Apply(Field(value.Map, change.Field), change.Update);
                break;
            case Update.OperationOneofCase.MapRemove:
                foreach (var name in update.MapRemove.Fields)
                    value.Map.Fields.Remove(value.Map.Fields.Single(field => field.Field == name));
                break;
        }
    }

    private static Value Field(Protocol.MapValue map, Google.Protobuf.ByteString name)
    {
        if (map.Fields.FirstOrDefault(field => field.Field == name) is { } found)
            return found.Value;
        var added = new FieldValue { Field = name, Value = new Value() };
        map.Fields.Add(added);
        return added.Value;
    }
}
