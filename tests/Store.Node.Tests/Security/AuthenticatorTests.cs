using System.Security.Cryptography;
using System.Text;
using Gossipdb.Crdt.Encoding;
using Gossipdb.Node.Configuration;
using Gossipdb.Node.Security;
using Gossipdb.Node.Server;
using Gossipdb.Replication.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gossipdb.Node.Tests.Security;

/// <summary>Who is let in.</summary>
public sealed class AuthenticatorTests : IDisposable
{
    private const string From = "10.0.0.1:1234";
    private const string Password = "correct horse battery";
    private static readonly Bytes Hash = PasswordHashes.Of(Password);
    private static readonly RsaSecurityKey Key = new(RSA.Create(2048)) { KeyId = "one" };
    private static readonly Right ReadCarts = new(AccountAction.Read, Bytes.FromText("cart-"));
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly AccountBook _book;
    private readonly Authenticator _authenticator;
    private readonly TestNode _node;
    private readonly PeerSecrets _secrets;

    public AuthenticatorTests()
    {
        File.WriteAllText(KeysFile, KeysOf(Key));
        File.WriteAllText(SecretFile, "a secret that the nodes of this cluster share\n");
        var settings = TestSettings.Parse($"""
            gossipdb.node.data-dir = "{_directory.Path}"
            gossipdb.security.authentication = on
            gossipdb.security.session = 60m
            gossipdb.cluster.secret-file = "{SecretFile}"
            gossipdb.security.jwt.keys-file = "{KeysFile}"
            gossipdb.security.jwt.issuer = "https://login.example.com"
            gossipdb.security.jwt.audience = "shop"
            """);
        _node = new TestNode(settings);
        _secrets = PeerSecrets.Load(settings);
        _book = new AccountBook(settings, _node.Health);
        _book.Join(AccountState.Found("admin", Hash, new Bytes(RandomNumberGenerator.GetBytes(32))));
        _book.Apply(
            new AccountChange.AddUser("alice", Hash), new AccountChange.SetUserRight("alice", ReadCarts, true),
            new AccountChange.AddRole("readers"), new AccountChange.SetRoleRight("readers", ReadCarts, true));
        _authenticator = new Authenticator(settings, _node.Health, _book, _secrets, null, _time);
    }

    private string SecretFile => Path.Combine(_directory.Path, "secret");

    private string KeysFile => Path.Combine(_directory.Path, "keys.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_password_lets_its_user_in_and_is_checked_once()
    {
        var alice = await LogInAsync(Basic("alice", Password));
        for (var i = 0; i < 10; i++) await LogInAsync(Basic("alice", Password));

        Assert.Equal(new Caller("alice", CallerProof.Password, From), alice!.Caller);
        Assert.True(alice.May(out var problem).Allows(AccountAction.Read, "cart-7"u8));
        Assert.Null(problem);
        Assert.Equal(1, _authenticator.ChecksMade);
    }

    [Fact]
    public async Task Calls_that_come_at_once_with_one_password_make_one_check()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LogInAsync(Basic("alice", Password))));

        Assert.Equal(1, _authenticator.ChecksMade);
    }

    [Fact]
    public async Task What_a_request_may_is_found_out_without_allocating()
    {
        var access = new AccessControl(_node.Settings, null);
        var alice = await LogInAsync(Basic("alice", Password));
        var request = new Gossipdb.Protocol.Request
        {
            Key = Google.Protobuf.ByteString.CopyFromUtf8("cart-7"),
            Read = new Gossipdb.Protocol.Read(),
        };
        Assert.Null(access.RefusalOf(alice, request));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) access.RefusalOf(alice, request);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("alice", "wrong password")]
    [InlineData("nobody", Password)]
    [InlineData("alice", "")]
    public async Task Who_is_not_let_in_is_not_told_why(string user, string password)
    {
        var refused = await RefusedAsync(Basic(user, password));

        Assert.Equal("the user or the password is wrong", refused);
        Assert.Equal(1, _authenticator.ChecksMade); // an unknown user costs the same
    }

    [Theory]
    [InlineData("Basic ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Digest x")]
    public async Task Credentials_that_make_no_sense_are_refused(string header) =>
        Assert.Contains("credentials of an unknown kind", await RefusedAsync(header), StringComparison.Ordinal);

    [Fact]
    public async Task A_guesser_waits_longer_and_longer()
    {
        for (var i = 0; i < LoginThrottle.FreeOfUser + 1; i++) await RefusedAsync(Basic("alice", $"guess {i}"));

        var next = RefusedAsync(Basic("alice", "guess again"));
        Assert.Equal(LoginThrottle.FreeOfUser + 1, _authenticator.ChecksMade);
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("the user or the password is wrong", await next);
    }

    [Fact]
    public async Task What_is_taken_away_is_gone_for_who_has_logged_in()
    {
        var alice = (await LogInAsync(Basic("alice", Password)))!;
        Assert.True(alice.May(out _).Allows(AccountAction.Read, "cart-7"u8));

        _book.Apply(new AccountChange.SetUserRight("alice", ReadCarts, false));
        Assert.False(alice.May(out var problem).Allows(AccountAction.Read, "cart-7"u8));
        Assert.Null(problem);

        _book.Apply(new AccountChange.SetPassword("alice", PasswordHashes.Of("another password")));
        alice.May(out problem);
        Assert.Equal("the login is no longer good: log in again", problem);
        await RefusedAsync(Basic("alice", Password));
    }

    [Fact]
    public async Task A_disabled_user_is_out_and_a_new_one_of_the_name_is_another()
    {
        var alice = (await LogInAsync(Basic("alice", Password)))!;
        _book.Apply(new AccountChange.SetDisabled("alice", true));
        alice.May(out var problem);
        Assert.NotNull(problem);
        await RefusedAsync(Basic("alice", Password));

        _book.Apply(new AccountChange.RemoveUser("alice"), new AccountChange.AddUser("alice", Hash));
        alice.May(out problem);
        Assert.NotNull(problem);
        Assert.NotNull(await LogInAsync(Basic("alice", Password)));
    }

    [Fact]
    public async Task A_certificate_lets_its_user_in_and_nobody_else()
    {
        var alice = await _authenticator.LogInAsync(null, new PeerIdentity(null, "alice"), From);
        Assert.Equal(CallerProof.Certificate, alice!.Caller.How);
        Assert.True(alice.May(out _).Allows(AccountAction.Read, "cart-7"u8));
        await Assert.ThrowsAsync<LoginRefusedException>(async () =>
            await _authenticator.LogInAsync(null, new PeerIdentity(null, "eve"), From));
        Assert.Null(await _authenticator.LogInAsync(null, null, From));

        // What it says counts more than the certificate.
        await Assert.ThrowsAsync<LoginRefusedException>(async () =>
            await _authenticator.LogInAsync(Basic("alice", "wrong password"), new PeerIdentity(null, "alice"), From));
    }

    [Fact]
    public async Task A_node_may_nothing_that_users_may()
    {
        var node = (await _authenticator.LogInAsync(null, new PeerIdentity(new(2), null), From))!;

        Assert.Empty(node.May(out var problem).Rights);
        Assert.Null(problem);
        Assert.NotNull(node.Node);
    }

    [Fact]
    public async Task A_node_without_a_certificate_shows_that_it_knows_the_secret()
    {
        var header = new NodeTokens(_secrets, _time).HeaderOf(new(2))!;
        var node = (await LogInAsync(header))!;
        Assert.Equal(2, node.Node!.Value.Value);
        Assert.Empty(node.May(out _).Rights);

        File.WriteAllText(SecretFile + "2", "another secret, of the nodes of another cluster\n");
        var others = PeerSecrets.Load(TestSettings.Parse($"gossipdb.cluster.secret-file = \"{SecretFile}2\""));
        Assert.Equal("the token is not accepted", await RefusedAsync(new NodeTokens(others, _time).HeaderOf(new(2))!));
        _time.Advance(TimeSpan.FromMinutes(5));
        await RefusedAsync(header);
    }

    [Fact]
    public async Task A_token_of_a_login_is_good_until_it_expires_or_the_password_is_another()
    {
        var alice = (await LogInAsync(Basic("alice", Password)))!;
        var (token, until) = _authenticator.Issue(alice);
        Assert.Equal(_time.GetUtcNow().AddHours(1), until);

        var again = (await LogInAsync($"Bearer {token}"))!;
        Assert.Equal(("alice", CallerProof.Token), (again.Caller.Name, again.Caller.How));
        Assert.True(again.May(out _).Allows(AccountAction.Read, "cart-7"u8));

        // A token that is made with a token ends with it.
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(until, _authenticator.Issue(again).Until);
        _time.Advance(TimeSpan.FromMinutes(31));
        again.May(out var problem);
        Assert.Equal("the token has expired: log in again", problem);
        Assert.Equal("the token has expired: log in again", await RefusedAsync($"Bearer {token}"));

        var (second, _) = _authenticator.Issue(alice);
        _book.Apply(new AccountChange.SetPassword("alice", PasswordHashes.Of("another password")));
        Assert.Equal("the token is not accepted", await RefusedAsync($"Bearer {second}"));
    }

    [Fact]
    public async Task A_token_that_somebody_else_signed_is_not_the_cluster_s()
    {
        var forged = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = NodeSettings.OwnIssuer,
            Audience = NodeSettings.OwnIssuer,
            Expires = _time.GetUtcNow().AddHours(1).UtcDateTime,
            IssuedAt = _time.GetUtcNow().UtcDateTime,
            NotBefore = _time.GetUtcNow().UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = "alice" },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(new byte[32]), SecurityAlgorithms.HmacSha256),
        });

        Assert.Equal("the token is not accepted", await RefusedAsync($"Bearer {forged}"));
    }

    [Fact]
    public async Task A_token_of_the_issuer_brings_the_user_s_rights_and_those_of_its_roles()
    {
        var alice = (await LogInAsync($"Bearer {Jwt("alice")}"))!;
        Assert.True(alice.May(out _).Allows(AccountAction.Read, "cart-7"u8));

        var stranger = (await LogInAsync($"Bearer {Jwt("stranger", roles: ["readers", "unknown"])}"))!;
        Assert.True(stranger.May(out _).Allows(AccountAction.Read, "cart-7"u8));
        Assert.False(stranger.May(out _).Allows(AccountAction.Admin));

        var nobody = (await LogInAsync($"Bearer {Jwt("stranger")}"))!;
        Assert.Empty(nobody.May(out _).Rights);
        _book.Apply(new AccountChange.SetDisabled("alice", true));
        await RefusedAsync($"Bearer {Jwt("alice")}");
        Assert.Throws<LoginRefusedException>(() => _authenticator.Issue(stranger));
    }

    [Fact]
    public async Task A_token_that_has_expired_says_so_and_the_login_ends_with_it()
    {
        var alice = (await LogInAsync($"Bearer {Jwt("alice")}"))!;
        _time.Advance(TimeSpan.FromMinutes(11));

        alice.May(out var problem);
        Assert.Equal("the token has expired: log in again", problem);
        Assert.Equal("the token has expired: log in again", await RefusedAsync($"Bearer {Jwt("alice", expiresIn: -60)}"));
    }

    [Theory]
    [InlineData("issuer")]
    [InlineData("audience")]
    [InlineData("key")]
    [InlineData("none")]
    [InlineData("shared")]
    [InlineData("not yet")]
    [InlineData("no expiry")]
    [InlineData("cut")]
    public async Task A_token_of_another_issuer_for_somebody_else_or_not_signed_as_it_must_be_is_not_accepted(string what)
    {
        var token = what switch
        {
            "issuer" => Jwt("alice", issuer: "https://evil.example.com"),
            "audience" => Jwt("alice", audience: "another shop"),
            "key" => Jwt("alice", key: new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" }),
            "none" => Unsigned(),
            "shared" => Jwt(
                "alice",
                key: new SymmetricSecurityKey(Key.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = "one" },
                algorithm: SecurityAlgorithms.HmacSha256),
            "not yet" => Jwt("alice", notBeforeIn: 600, expiresIn: 1_200),
            "no expiry" => Jwt("alice", expiresIn: null),
            _ => Jwt("alice")[..^3],
        };

        Assert.Equal("the token is not accepted", await RefusedAsync($"Bearer {token}"));
    }

    [Fact]
    public async Task Keys_that_change_are_read_again_and_useless_ones_change_nothing()
    {
        var second = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "two" };
        await RefusedAsync($"Bearer {Jwt("alice", key: second)}");

        File.WriteAllText(KeysFile, KeysOf(second));
        File.SetLastWriteTimeUtc(KeysFile, new DateTime(2031, 1, 1));
        Assert.NotNull(await LogInAsync($"Bearer {Jwt("alice", key: second)}"));
        await RefusedAsync($"Bearer {Jwt("alice")}");

        File.WriteAllText(KeysFile, "{");
        File.SetLastWriteTimeUtc(KeysFile, new DateTime(2032, 1, 1));
        Assert.NotNull(await LogInAsync($"Bearer {Jwt("alice", key: second)}"));
    }

    private Task<LoggedIn?> LogInAsync(string header) => _authenticator.LogInAsync(header, null, From).AsTask();

    private async Task<string> RefusedAsync(string header) =>
        (await Assert.ThrowsAsync<LoginRefusedException>(() => LogInAsync(header))).Message;

    private static string Basic(string user, string password) =>
        $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    private string Jwt(
        string user, string issuer = "https://login.example.com", string audience = "shop", int? expiresIn = 600, int notBeforeIn = -60,
        SecurityKey? key = null, string algorithm = SecurityAlgorithms.RsaSha256, string[]? roles = null)
    {
        var claims = new Dictionary<string, object> { ["sub"] = user };
        if (roles is not null) claims["roles"] = roles;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = expiresIn is { } seconds ? _time.GetUtcNow().AddSeconds(seconds).UtcDateTime : null,
            NotBefore = expiresIn < 0 ? null : _time.GetUtcNow().AddSeconds(notBeforeIn).UtcDateTime,
            Claims = claims,
            SigningCredentials = new SigningCredentials(key ?? Key, algorithm),
        });
    }

    private string Unsigned()
    {
        var expires = _time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds();
        return $"{Part("""{"alg":"none","typ":"JWT"}""")}."
            + $"{Part($$"""{"sub":"alice","iss":"https://login.example.com","aud":"shop","exp":{{expires}}}""")}.";

        static string Part(string json) => Base64UrlEncoder.Encode(json);
    }

    private static string KeysOf(RsaSecurityKey key)
    {
        var parameters = key.Rsa.ExportParameters(false);
        return $$"""
            {"keys":[{"kty":"RSA","use":"sig","kid":"{{key.KeyId}}","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}",
            "e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}
            """;
    }
}
