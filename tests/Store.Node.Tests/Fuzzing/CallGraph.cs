using System.Reflection;
using System.Reflection.Emit;

namespace Gossipdb.Node.Tests.Fuzzing;

/// <summary>Which methods are reached from some others, within our own code: what they call, and what they make delegates of.</summary>
internal static class CallGraph
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    /// <summary>All methods of some assemblies.</summary>
    public static IEnumerable<MethodBase> MethodsOf(IEnumerable<Assembly> assemblies) =>
        from assembly in assemblies
        from type in assembly.GetTypes()
        from method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All))
        select method;

    /// <summary>
    /// What is reached from the entries, these included. A call of an interface or of a base class may end at whoever has it.
    /// </summary>
    public static HashSet<MethodBase> Reached(IEnumerable<MethodBase> entries, IReadOnlyCollection<Assembly> assemblies)
    {
        var bodies = MethodsOf(assemblies).ToList();
        var byName = bodies.ToLookup(static method => method.Name);
        var reached = new HashSet<MethodBase>();
        var waiting = new Stack<MethodBase>(entries.Select(Definition));
        while (waiting.TryPop(out var method))
        {
            if (!reached.Add(method)) continue;
            foreach (var called in Calls(method).Select(Definition))
            {
                if (!assemblies.Contains(called.Module.Assembly)) continue;
                waiting.Push(called);
                if (!called.IsAbstract && !called.IsVirtual) continue;
                foreach (var own in byName[called.Name]) if (own.GetParameters().Length == called.GetParameters().Length) waiting.Push(own);
                foreach (var own in bodies.Where(own => own.Name.EndsWith($".{called.Name}", StringComparison.Ordinal))) waiting.Push(own);
            }

            if (method.DeclaringType?.TypeInitializer is { } first) waiting.Push(first);

            // What is called back, and the states of iterators and tasks, lie in types of their own.
            if (method.DeclaringType?.GetNestedTypes(All) is not { } nested) continue;
            foreach (var type in nested.Where(type => type.Name.StartsWith($"<{method.Name}>", StringComparison.Ordinal)))
                foreach (var inner in type.GetMethods(All)) waiting.Push(inner);
        }

        return reached;
    }

    private static MethodBase Definition(MethodBase method)
    {
        if (method.DeclaringType is { IsConstructedGenericType: true } type)
            method = MethodBase.GetMethodFromHandle(
                method.Module.ResolveMethod(method.MetadataToken)!.MethodHandle, type.GetGenericTypeDefinition().TypeHandle)!;
        return method is MethodInfo { IsConstructedGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : method;
    }

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        Type[] ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : [];
        Type[] ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (var i = 0; i < code.Length;)
        {
            var op = code[i] == 0xFE ? Codes[(short)(0xFE00 | code[i + 1])] : Codes[code[i]];
            i += op.Size;
            if (op.OperandType == OperandType.InlineMethod)
            {
                var called = method.Module.ResolveMethod(BitConverter.ToInt32(code, i), ofType, ofMethod);
                if (called is not null) yield return called;
            }

            i += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }
}
