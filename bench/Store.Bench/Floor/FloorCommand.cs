using System.CommandLine;

namespace Gossipdb.Bench.Floor;

/// <summary><c>floor-node</c>: what <see cref="FloorStore"/> starts; not for people.</summary>
internal static class FloorCommand
{
    public const string Name = "floor-node";

    public static Command Create()
    {
        var peers = new Argument<int[]>("PORTS") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(Name) { peers };
        command.Hidden = true;
        command.SetAction((parse, stop) => FloorNode.RunAsync(parse.GetValue(peers) ?? [], stop));
        return command;
    }
}
