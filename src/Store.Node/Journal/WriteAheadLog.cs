using System.Buffers.Binary;
using System.Globalization;

namespace Gossipdb.Node.Journal;

/// <summary>
/// Looks whether SQLite's write-ahead log is damaged. SQLite reads it up to the first frame whose checksum does not match, and takes the
/// rest for a transaction that a crash tore: it drops acked records without a word. Every frame's checksum goes on from the one before, so
/// frames behind a damaged one can still be told to be sound. (Format: sqlite.org/fileformat2.html, section 4.)
/// </summary>
internal sealed class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377f0682;
    private readonly byte[] _bytes;
    private readonly bool _isBigEndian;
    private readonly int _frameBytes;

    private WriteAheadLog(byte[] bytes)
    {
        _bytes = bytes;
        _isBigEndian = (Word(0) & 1) != 0;
        var page = Word(8);
        _frameBytes = FrameHeaderBytes + (int)(page is >= 512 and <= 65536 ? page : 4096);
    }

    /// <summary>
    /// What is damaged, in words for people; null where nothing is. A last transaction that is not whole is none: a crash leaves it so, and
    /// nobody was told that it is durable.
    /// </summary>
    /// <param name="path">The log. It need not be there.</param>
    public static string? FindDamage(string path)
    {
        if (!File.Exists(path)) return null;
        var bytes = File.ReadAllBytes(path);
        return bytes.Length <= HeaderBytes ? null : new WriteAheadLog(bytes).FindDamage();
    }

    private int Frames => (_bytes.Length - HeaderBytes) / _frameBytes;

    private string? FindDamage()
    {
        var (s0, s1) = (0u, 0u);
        Sum(0, 24, ref s0, ref s1);
        var isHeaderSound = (Word(0) & ~1u) == Magic && s0 == Word(24) && s1 == Word(28);
        var sound = 0;
        while (isHeaderSound && sound < Frames && IsSoundBehind(sound, s0, s1) && HasSalts(sound, HeaderSalts))
        {
            (s0, s1) = Stored(sound);
            sound++;
        }

        // A transaction is begun only once the one before is on the disk. So a sound frame behind the end of the broken one says that this
        // one was.
        for (int frame = sound + 1, ended = -1; frame < Frames; frame++)
        {
            if (ended < 0 && IsCommit(frame - 1) && (!isHeaderSound || HasSalts(frame - 1, HeaderSalts))) ended = frame - 1;
            if (ended < 0 || !HasSalts(frame, isHeaderSound ? HeaderSalts : SaltsOf(frame - 1))) continue;
            var (before0, before1) = Stored(frame - 1);
            if (!IsSoundBehind(frame, before0, before1)) continue;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the write-ahead log is damaged in {(isHeaderSound ? $"frame {sound + 1} of {Frames}" : "its header")}: what was written "
                    + $"after that cannot be read");
        }

        return null;
    }

    private (uint, uint) HeaderSalts => (Word(16), Word(20));

    private int Start(int frame) => HeaderBytes + (frame * _frameBytes);

    private bool IsCommit(int frame) => Word(Start(frame) + 4) != 0;

    private (uint, uint) SaltsOf(int frame) => (Word(Start(frame) + 8), Word(Start(frame) + 12));

    private bool HasSalts(int frame, (uint, uint) salts) => SaltsOf(frame) == salts;

    private (uint, uint) Stored(int frame) => (Word(Start(frame) + 16), Word(Start(frame) + 20));

    private bool IsSoundBehind(int frame, uint s0, uint s1)
    {
        Sum(Start(frame), 8, ref s0, ref s1);
        Sum(Start(frame) + FrameHeaderBytes, _frameBytes - FrameHeaderBytes, ref s0, ref s1);
        return Stored(frame) == (s0, s1);
    }

    private uint Word(int at) => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(at));

    private void Sum(int from, int count, ref uint s0, ref uint s1)
    {
        for (var at = from; at < from + count; at += 8)
        {
            s0 += Native(at) + s1;
            s1 += Native(at + 4) + s0;
        }
    }

    private uint Native(int at) => _isBigEndian ? Word(at) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));
}
