using System.CommandLine;

namespace Gossipdb.Bench.Cluster;

/// <summary><c>cluster</c>: three Gossipdb processes, then three of each other system, under the same load.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var options = new ClusterOptions();
        var command = new Command("cluster", "Three processes under load, beside Akka.DistributedData and Redis");
        foreach (var option in options.All) command.Add(option);
        command.SetAction((parse, stop) => options.Read(parse).RunAsync(stop));
        return command;
    }
}
