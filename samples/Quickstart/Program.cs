using Gossipdb.Client;

var endpoint = args.Length > 0 ? args[0] : "http://127.0.0.1:5101";
try
{
    // One client serves the whole application. One node is enough to find the others.
    await using var store = await GossipdbClient.ConnectAsync(endpoint);

    // A counter: increments from everywhere add up, and a retry never counts twice.
    var views = store.Counter("page:home");
    var counted = await views.IncrementAsync();
    Console.WriteLine(
        $"page:home has been seen {await views.GetAsync()} times; nodes {string.Join(" and ", counted.Nodes)} acked the last one.");

    // A set: one ack is enough here, and the read asks a majority.
    var cart = store.Set("cart:42");
    await cart.AddAsync(["apple", "pear", "fig"], Write.One);
    await cart.RemoveAsync("pear");
    Console.WriteLine($"cart:42 holds {string.Join(", ", await cart.GetAsync(Read.Quorum))}.");

    // A register, with the clock of the write handed to the read: any one replica that answers has seen it.
    var name = store.Register("user:42:name");
    var written = await name.SetAsync("Ada", Write.Two with { Durability = Durability.Journal });
    Console.WriteLine($"user:42:name is {await name.GetAsync(Read.One.After(written.Token))}, read from one replica after our own write.");

    // A map: several fields in one write, seen together or not at all.
    var profile = store.Map("user:42");
    await profile.UpdateAsync(fields => fields
        .Increment("visits")
        .Add("tags", "early", "curious")
        .Enable("newsletter")
        .Map("address", address => address.SetRegister("city", "London")));
    var read = await profile.ReadAsync();
    Console.WriteLine(
        $"user:42 is {read.Value}; visits: {read.Value.Counter("visits")}, state of nodes {string.Join(" and ", read.Receipt.Nodes)}.");
    return 0;
}
catch (Exception failure) when (failure is GossipdbException or ArgumentException)
{
    Console.Error.WriteLine($"error: {failure.Message}");
    return 1;
}
