namespace Gossipdb.Bench.Load;

/// <summary>Does one operation; throws where it is not acknowledged.</summary>
/// <param name="key">The key, from 0 up.</param>
/// <param name="random">What else is drawn, is drawn from this, before anything is waited for: others use it afterwards.</param>
internal delegate Task LoadedOperation(int key, Random random);
