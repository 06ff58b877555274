using Gossipdb.Node.Security;

namespace Gossipdb.Node.Tests.Security;

/// <summary>How those who guess passwords are slowed down.</summary>
public sealed class LoginThrottleTests
{
    private readonly ManualTime _time = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new LoginThrottle(_time);

    [Fact]
    public void The_first_failures_of_a_user_cost_nothing_and_each_further_one_twice_as_much_up_to_a_bound()
    {
        var waits = new List<double>();
        for (var i = 0; i < 14; i++) waits.Add(FailFrom($"10.0.0.{i}:1", "alice").TotalMilliseconds);

        Assert.Equal([0, 0, 0, 0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000], waits);
    }

    [Fact]
    public void Attempts_at_once_wait_one_after_the_other_and_too_many_are_turned_away()
    {
        for (var i = 0; i < 12; i++) FailFrom("10.0.0.1:1", "alice");

        Assert.Equal(TimeSpan.FromSeconds(5), _throttle.Begin("alice", "10.0.0.2:1"));
        Assert.Equal(TimeSpan.FromSeconds(10), _throttle.Begin("alice", "10.0.0.3:1"));
        Assert.Null(_throttle.Begin("alice", "10.0.0.4:1"));
        Assert.Null(_throttle.Begin("alice", "10.0.0.5:1"));

        // Others are not held up by it.
        Assert.Equal(TimeSpan.Zero, _throttle.Begin("bob", "10.0.0.6:1"));
    }

    [Fact]
    public void Who_guesses_at_many_users_is_slowed_down_by_its_address()
    {
        for (var i = 0; i < 30; i++) FailFrom("10.0.0.1:1", $"user-{i}");

        Assert.Equal(TimeSpan.FromSeconds(5), FailFrom("10.0.0.1:2", "another"));
        Assert.Equal(TimeSpan.Zero, FailFrom("10.0.0.2:1", "another-one"));
    }

    [Fact]
    public void The_addresses_of_one_network_of_IPv6_count_as_one()
    {
        for (var i = 0; i < 30; i++) FailFrom($"[2001:db8::{i:x}]:1", $"user-{i}");

        Assert.Equal(TimeSpan.FromSeconds(5), FailFrom("[2001:db8::ffff]:1", "another"));
        Assert.Equal(TimeSpan.Zero, FailFrom("[2001:db8:0:1::1]:1", "another-one"));
    }

    [Fact]
    public void A_right_password_and_a_quiet_while_make_it_forget()
    {
        for (var i = 0; i < 12; i++) FailFrom("10.0.0.1:1", "alice");
        _throttle.Succeeded("alice");
        Assert.Equal(TimeSpan.Zero, FailFrom("10.0.0.1:1", "alice"));
        for (var i = 0; i < 12; i++) FailFrom("10.0.0.1:1", "bob");
        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(TimeSpan.Zero, FailFrom("10.0.0.1:1", "bob"));
        Assert.Equal(TimeSpan.Zero, FailFrom("10.0.0.1:1", "bob"));
    }

    [Fact]
    public void What_it_remembers_is_bounded()
    {
        for (var i = 0; i < LoginThrottle.MaxRemembered + 500; i++)
        {
            _throttle.Begin($"user-{i}", $"[2001:db8:{i / 65_536:x}:{i % 65_536:x}::1]:1");
            if (i % 1_000 == 0) _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(_throttle.Remembered <= 2 * LoginThrottle.MaxRemembered);
    }

    // Waits as it is told, and fails.
    private TimeSpan FailFrom(string address, string user)
    {
        var wait = _throttle.Begin(user, address);
        Assert.NotNull(wait);
        _time.Advance(wait.Value);
        _throttle.Failed(user, address);
        return wait.Value;
    }
}
