namespace Gossipdb.Client;

/// <summary>A set that only grows. Concurrent additions all stay; only deleting the key removes any.</summary>
public sealed class GrowOnlySetHandle : AnySetHandle
{
    internal GrowOnlySetHandle(in ObjectAddress at)
        : base(at, StoredType.GrowOnlySet)
    {
    }
}
