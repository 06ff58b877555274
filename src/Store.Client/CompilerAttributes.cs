// What later compilers ask for and .NET 8 lacks. Written here, and not generated: the generator that is known for it gives its types in an
// order drawn by lot, and two builds were not the same bytes.
#if !NET9_0_OR_GREATER
namespace System.Runtime.CompilerServices;

/// <summary>Marks a parameter that takes any number of arguments as a collection.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class ParamCollectionAttribute : Attribute;

/// <summary>Which of several members that fit a call is taken: that of the greatest priority.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property, Inherited = false)]
internal sealed class OverloadResolutionPriorityAttribute(int priority) : Attribute
{
    /// <summary>0 where a member has none.</summary>
    public int Priority { get; } = priority;
}
#endif
