namespace Gossipdb.Client.Admin;

/// <summary>How numbers of nodes are written, here and in the words of the shell: "2", "1,3", "1-10,12".</summary>
internal static class NodeNumbers
{
    // "2,3" is as short as "2-3", and says that they are two.
    private const int ShortestRange = 3;

    /// <summary>The nodes' numbers. Three and more in a row are a range.</summary>
    /// <param name="nodes">The nodes in the order of their numbers, each once.</param>
    public static string Text(IReadOnlyList<int> nodes)
    {
        var parts = new List<string>();
        for (var first = 0; first < nodes.Count;)
        {
            var end = first + 1;
            while (end < nodes.Count && nodes[end] == nodes[end - 1] + 1) end++;
            if (end - first >= ShortestRange) parts.Add($"{nodes[first]}-{nodes[end - 1]}");
            else parts.AddRange(nodes.Skip(first).Take(end - first).Select(static node => $"{node}"));
            first = end;
        }

        return string.Join(',', parts);
    }

    /// <summary>"node 2", "nodes 1-10".</summary>
    /// <param name="nodes">The nodes in the order of their numbers, each once.</param>
    public static string Named(IReadOnlyList<int> nodes) => $"node{(nodes.Count == 1 ? "" : "s")} {Text(nodes)}";
}
