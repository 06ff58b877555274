namespace Gossipdb.Bench.Cluster;

/// <summary>One object for each key, made once: an application keeps them too.</summary>
internal sealed class Handles<T>(Func<int, T> make)
{
    private T[] _made = [];

    /// <summary>The objects of at least so many keys.</summary>
    public T[] Of(int keys)
    {
        if (_made.Length < keys) _made = [.. _made, .. Enumerable.Range(_made.Length, keys - _made.Length).Select(make)];
        return _made;
    }
}
