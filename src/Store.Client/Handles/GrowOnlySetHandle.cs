namespace Gossipdb.Client;

/// <summary>A set that only grows. Concurrent additions all stay; only deleting the key removes any.</summary>
public class GrowOnlySetHandle : AnySetHandle
{
    /// <summary>For derived classes that stand in for it in tests. What they do not override throws.</summary>
    protected GrowOnlySetHandle()
    {
    }

    internal GrowOnlySetHandle(in ObjectAddress at)
        : base(at, StoredType.GrowOnlySet)
    {
    }
}
