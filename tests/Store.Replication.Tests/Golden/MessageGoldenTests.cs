using System.Collections;
using System.Reflection;
using Gossipdb.Crdt.Causality;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Replication.Placement;
using Gossipdb.Replication.Wire;
using Gossipdb.Testing;

namespace Gossipdb.Replication.Tests.Golden;

public sealed class MessageGoldenTests
{
    // What every message has. The sender names no part of its own, and the claim and the hash stand in the head.
    private static readonly string[] Head = [nameof(PeerMessage.Sender), nameof(PeerMessage.Claim), nameof(PeerMessage.FoldedWith)];

    public static TheoryData<string> Families => [.. MessageSamples.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public void Messages_are_encoded_as_approved(string family) =>
        FileOf(family).Check(MessageSamples.Of(family).Select(sample => (sample.Name, Encode(sample.Message))));

    [Theory]
    [MemberData(nameof(Families))]
    public void Approved_messages_are_read_and_written_again(string family) =>
        FileOf(family).CheckDecoding((_, bytes) => Encode(Decode(bytes)));

    [Fact]
    public void Every_message_is_in_a_file()
    {
        var all = typeof(PeerMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(PeerMessage)) && !type.IsAbstract);
        Assert.Equal(all.Select(type => type.Name).Order(), Approved().Select(message => message.GetType().Name).Distinct().Order());
    }

    /// <summary>A new property of a message needs a line where it says something, and one where it does not if it may be missing.</summary>
    [Fact]
    public void Every_part_of_every_message_is_there_in_one_line_and_missing_in_another()
    {
        foreach (var messages in Approved().GroupBy(message => message.GetType()))
        {
            foreach (var property in messages.Key.GetProperties().Where(property => !Head.Contains(property.Name) && property.CanWrite))
            {
                var values = messages.Select(property.GetValue).ToList();
                var part = $"{messages.Key.Name}.{property.Name}";
                Assert.True(values.Exists(value => !IsNothing(value)), $"{part} says nothing in every line");
                if (MayBeMissing(property)) Assert.True(values.Exists(IsNothing), $"{part} is there in every line");
                if (property.PropertyType.IsDefined(typeof(FlagsAttribute)))
                {
                    foreach (var flag in Enum.GetValues(property.PropertyType))
                        Assert.True(
                            values.Exists(value => (Convert.ToInt64(value) & Convert.ToInt64(flag)) == Convert.ToInt64(flag)),
                            $"{part} is {flag} in no line");
                }
            }
        }

        Assert.Contains(Approved(), message => message.Claim != SlotClaim.None);
        Assert.Contains(Approved(), message => message.Claim == SlotClaim.None);
        Assert.Contains(Approved(), message => message.FoldedWith != 0);
    }

    private static bool MayBeMissing(PropertyInfo property) => property.PropertyType == typeof(bool)
        || property.PropertyType.IsArray
        || property.PropertyType.IsGenericType
        || property.PropertyType == typeof(VersionVector)
        || new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    private static bool IsNothing(object? value) => value switch
    {
        null or false => true,
        ICollection list => list.Count == 0,
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
        VersionVector clock => clock.Count == 0,
        SlotClaim claim => claim == SlotClaim.None,
        ValueType number => number.Equals(Activator.CreateInstance(number.GetType())),
        _ => false,
    };

    private static IEnumerable<PeerMessage> Approved()
    {
        foreach (var message in MessageSamples.Families.SelectMany(family => FileOf(family).Bytes).Select(line => Decode(line.Bytes)))
        {
            yield return message;
            if (message is FallbackMessage envelope) yield return envelope.Inner;
        }
    }

    private static GoldenFile FileOf(string family) => new(
        $"messages-{family}.txt",
        $"""
        Messages between the replicas of a partition: {family}.
        Version: none of their own. They travel in link envelopes only, whose version covers them
        (tests/Store.Node.Tests/Golden/links.txt). The first byte is the tag, with 0x80 where retired ids are left out.
        """);

    private static byte[] Encode(PeerMessage message) => GoldenSamples.Written(message.Encode);

    private static PeerMessage Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        var message = PeerMessage.Decode(ref reader);
        reader.ExpectEnd();
        return message;
    }
}
