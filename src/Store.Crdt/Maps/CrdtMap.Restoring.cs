using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Registers;

namespace Gossipdb.Crdt.Maps;

/// <content>What is added of a saved map.</content>
public sealed partial class CrdtMap
{
    /// <inheritdoc/>
    /// <remarks>Field by field, each by its own type.</remarks>
    public override Crdt? Restore(Crdt saved, UpdateContext context)
    {
        var theirs = CheckSaved<CrdtMap>(saved);
        var delta = new CrdtMap(theirs._visible) { IsFragment = true };
        foreach (var (field, state) in theirs.Fields())
        {
            var mine = _fields.TryGetValue(field, out var held) ? held : CrdtTypes.Empty(field.Type);
            if (mine.Restore(state, context) is { } change) delta.Hold(field, change);
        }

        return delta._fields.Count > 0 ? delta : null;
    }

    /// <inheritdoc/>
    public override IEnumerable<Crdt> Parts(long maxBytes)
    {
        var part = new CrdtMap();
        foreach (var (field, state) in Fields())
        {
            if (state.ApproximateBytes > maxBytes)
            {
                foreach (var piece in state.Parts(maxBytes))
                {
                    var alone = new CrdtMap(1);
                    alone.Hold(field, piece);
                    yield return alone;
                }

                continue;
            }

            part.Hold(field, state);
            if (part.ApproximateBytes < maxBytes) continue;
            yield return part;
            part = new CrdtMap();
        }

        if (part._fields.Count > 0) yield return part;
    }

    // One restoring is one event: what was executed of it in one field was executed in all.
    private bool TryGetRestoring(CrdtMap saved, OperationId id, out Dot dot)
    {
        dot = default;
        foreach (var (field, state) in saved._fields)
        {
            if (_fields.TryGetValue(field, out var held) && held.TryGetExecution(new StateRestore(state, Expiry.Never), id, out dot))
                return true;
        }

        return false;
    }
}
