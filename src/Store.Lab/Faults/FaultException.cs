namespace Gossipdb.Lab.Faults;

/// <summary>A fault cannot be brought about or mended. The message is one line that says what was in the way.</summary>
/// <param name="message">What was in the way.</param>
/// <param name="inner">What it came from; null where it came from nothing else.</param>
public sealed class FaultException(string message, Exception? inner = null) : Exception(message, inner);
