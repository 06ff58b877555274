namespace Gossipdb.Node.Configuration;

/// <summary>What the values of a setting look like.</summary>
internal enum SettingForm
{
    /// <summary>A text, a name, an address, a file.</summary>
    Text,

    /// <summary>on or off.</summary>
    Flag,

    /// <summary>A number of something, or a port.</summary>
    Number,

    /// <summary>200ms, 5s, 10m.</summary>
    Duration,

    /// <summary>512, 64KiB, 1MiB.</summary>
    Bytes,

    /// <summary>Bytes a second, written as bytes are.</summary>
    BytesPerSecond,

    /// <summary>Several texts.</summary>
    List,
}
