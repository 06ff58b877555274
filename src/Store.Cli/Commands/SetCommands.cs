using System.CommandLine;
using Gossipdb.Cli.Output;
using Gossipdb.Client;

namespace Gossipdb.Cli.Commands;

/// <summary><c>set</c>, <c>remove-wins-set</c> and <c>grow-set</c>: elements, each once.</summary>
internal static class SetCommands
{
    public static Command AddWins(DataCommands data) => Shrinking(
        data, "set", "A set; an addition wins over a removal made at the same time", static call => call.Objects.Set(call.Name));

    public static Command RemoveWins(DataCommands data) => Shrinking(
        data, "remove-wins-set", "A set; a removal wins over an addition made at the same time",
        static call => call.Objects.RemoveWinsSet(call.Name));

    public static Command GrowOnly(DataCommands data) => Create(
        data, "grow-set", "A set whose elements are never removed one by one", static call => call.Objects.GrowOnlySet(call.Name));

    private static Command Shrinking(DataCommands data, string name, string description, Func<DataCall, SetHandle> set)
    {
        var elements = Elements(data);
        var command = Create(data, name, description, set);
        command.Add(data.Write("remove", "Remove elements, all in one write", [elements],
            call => set(call).RemoveAsync(call.Get(elements), call.Write, call.Stop)));
        command.Add(data.Write("clear", "Remove every element it has seen", [], call => set(call).ClearAsync(call.Write, call.Stop)));
        return command;
    }

    private static Command Create(DataCommands data, string name, string description, Func<DataCall, AnySetHandle> set)
    {
        var elements = Elements(data);
        var element = data.Bytes.One("ELEMENT", "An element");
        var page = new PageOptions();
        return new Command(name, description)
        {
            data.Write("add", "Add elements, all in one write", [elements],
                call => set(call).AddAsync(call.Get(elements), call.Write, call.Stop)),
            data.Read("members", "Print the elements, one a line", [],
                call => set(call).ReadBytesAsync(call.Read, call.Stop),
                (call, members) => Answers.Several(call, set(call).Type, members, $"the set {call.Shown} is empty")),
            data.Read("contains", "Print whether the set holds an element: yes or no", [element],
                call => set(call).ReadContainsAsync(call.Get(element), call.Read, call.Stop),
                (call, holds) => Answers.YesOrNo(set(call).Type, holds)),
            data.Read("count", "Print how many elements there are, without fetching them", [],
                call => set(call).ReadCountAsync(call.Read, call.Stop),
                (call, count) => Answers.Number(set(call).Type, count)),
            data.Read("page", "Print some of the elements, and how to go on", page.All,
                call => set(call).ReadPageBytesAsync(page.Cursor(call), page.Limit(call), call.Read, call.Stop),
                (call, some) => Answers.Page(call, set(call).Type, some, static (all, form) => form.Lines(all), ValueOutput.Json)),
        };
    }

    private static Argument<Bytes[]> Elements(DataCommands data) => data.Bytes.Several("ELEMENT", "One or more elements");
}
