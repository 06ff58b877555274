namespace Gossipdb.Node.Tests.Fuzzing;

/// <summary>Makes of good bytes bad ones. Of one seed always the same.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> samples)
{
    private const int MaxBytes = 64 * 1024;
    private static readonly byte[] Interesting = [0, 1, 2, 0x7F, 0x80, 0x81, 0xFE, 0xFF];

    // Varints of numbers beyond what any field has.
    private static readonly byte[][] Huge =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x10],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0xFF, 0xFF, 0xFF, 0x7F], [0x80, 0x80, 0x04],
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var bytes = samples[_random.Next(samples.Count)].ToList();
        for (var changes = 1 + _random.Next(4); changes > 0; changes--) Change(bytes);
        if (bytes.Count > MaxBytes) bytes.RemoveRange(MaxBytes, bytes.Count - MaxBytes);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = bytes.Count == 0 ? 0 : _random.Next(bytes.Count);
        switch (_random.Next(9))
        {
            case 0 when bytes.Count > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[at] = Interesting[_random.Next(Interesting.Length)];
                break;
            case 2 when bytes.Count > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + _random.Next(8)));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes.InsertRange(at, Huge[_random.Next(Huge.Length)]);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + _random.Next(64))));
                break;
            case 7:
                var other = samples[_random.Next(samples.Count)];
                var from = other.Length == 0 ? 0 : _random.Next(other.Length);
                bytes.InsertRange(at, other[from..]);
                break;
            default:
                var some = new byte[_random.Next(16)];
                _random.NextBytes(some);
                bytes.InsertRange(at, some);
                break;
        }
    }
}
