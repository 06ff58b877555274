using System.CommandLine;

namespace Gossipdb.Bench.Peers;

/// <summary><c>akka-peer</c>: what <see cref="AkkaStore"/> starts; not for people.</summary>
internal static class AkkaPeerCommand
{
    public const string Name = "akka-peer";

    public static Command Create()
    {
        var keys = new Argument<int>("KEYS");
        var command = new Command(Name) { keys };
        command.Hidden = true;
        command.SetAction((parse, _) => AkkaPeer.RunAsync(parse.GetValue(keys)));
        return command;
    }
}
