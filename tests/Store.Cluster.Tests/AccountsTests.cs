using Gossipdb.Client;

namespace Gossipdb.Cluster.Tests;

/// <summary>Users and rights on real nodes.</summary>
[Collection(RealProcesses.Name)]
public sealed class AccountsTests
{
    [Fact]
    public async Task What_is_given_at_one_node_holds_at_all_and_two_sides_of_a_cut_never_end_up_without_an_admin()
    {
        await using var cluster = await TestCluster.StartSecureAsync();
        using var first = cluster.Local.AdminOf(1);
        using var second = cluster.Local.AdminOf(2);
        await first.AddUserAsync("bob", "bob's own password");
        await first.GrantAsync("bob", new AccessRight(AccessAction.Write, "cart-"));
        await first.GrantAsync("bob", new AccessRight(AccessAction.Admin));
        await cluster.UntilAsync(
            "node 2 knows bob", async () => (await second.UsersAsync()).Any(static user => user is { Name: "bob", Rights.Count: 2 }));
        await using (var bob = await GossipdbClient.ConnectAsync(new GossipdbOptions
        {
            Endpoints = [cluster.Local.Nodes[1].Endpoint],
            Tls = new GossipdbTls { AuthorityFile = cluster.Local.Certificates!.AuthorityFile },
            User = "bob",
            Password = "bob's own password",
        }))
        {
            await bob.Counter("cart-7").IncrementAsync();
            var denied = await Assert.ThrowsAsync<PermissionDeniedException>(() => bob.Counter("price-7").IncrementAsync());
            Assert.Equal("bob lacks the right write on price-7", denied.Message);
        }

        await cluster.CutAsync([1], [2, 3]);
        await first.RevokeAsync("bob", new AccessRight(AccessAction.Admin));
        await second.RevokeAsync("admin", new AccessRight(AccessAction.Admin));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => second.UsersAsync());

        // By the right lab, which admin has still: its status, which tells whether the cut is noticed, it may not see now.
        foreach (var node in cluster.Local.Nodes)
        {
            using var admin = cluster.Local.AdminOf(node.Id);
            await admin.SetFaultsAsync(FaultSet.None);
        }

        // Of two changes with one count that of the higher node is later: the admin that node 2 stripped was one last.
        foreach (var node in cluster.Local.Nodes)
        {
            using var admin = cluster.Local.AdminOf(node.Id);
            await cluster.UntilAsync($"node {node.Id} says who is the admin", async () =>
            {
                try
                {
                    return (await admin.UsersAsync()).Any(static user => user is { Name: "admin", IsKept: true });
                }
                catch (PermissionDeniedException)
                {
                    return false;
                }
            });
        }
    }
}
