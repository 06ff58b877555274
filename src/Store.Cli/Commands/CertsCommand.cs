using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gossipdb.Cli.Output;
using Gossipdb.Cli.Words;
using Gossipdb.LocalCluster;

namespace Gossipdb.Cli.Commands;

/// <summary><c>certs</c>: an authority of one's own, and certificates of nodes and clients that it signs.</summary>
internal static class CertsCommand
{
    private const int MostDays = 36_500;
    private const int LongestName = 64;

    public static Command Create(Terminal terminal) => new("certs", "Make certificates for TLS, signed by an authority of your own")
    {
        Init(terminal), Node(terminal), Client(terminal), Show(terminal),
    };

    private static Command Init(Terminal terminal)
    {
        var (directory, days) = (DirectoryOption(), DaysOption(LocalAuthority.AuthorityLife));
        var name = new Option<string>("--name")
        {
            Description = "What the authority is called",
            HelpName = "TEXT",
            DefaultValueFactory = static _ => "Gossipdb",
        };
        var command = new Command("init", "Make the authority: once for a cluster") { directory, name, days };
        command.SetAction(parse => Run(() =>
        {
            var path = parse.GetRequiredValue(directory);
            using var authority = LocalAuthority.Create(path, parse.GetRequiredValue(name), Life(parse, days));
            terminal.Line($"{authority.CertificateFile}   the authority: every node and client gets this file (gossipdb.tls.ca, --ca)");
            terminal.Line($"{LocalAuthority.KeyFileIn(path)}   its key: whoever has it can be any node and any client; "
                + "keep it away from the nodes");
            terminal.Line($"good until {Day(X509CertificateLoader.LoadCertificateFromFile(authority.CertificateFile).NotAfter)}");
        }));
        return command;
    }

    private static Command Node(Terminal terminal)
    {
        var (directory, days, replace) = (DirectoryOption(), DaysOption(LocalAuthority.Life), ReplaceOption());
        var id = new Argument<int>("ID") { Description = "The node's number (gossipdb.node.id)" };
        var hosts = new Option<string[]>("--host")
        {
            Description = "A name or address by which clients call the node; may be given again (default: localhost, 127.0.0.1, ::1)",
            HelpName = "HOST",
        };
        var command = new Command("node", "Make the certificate of a node") { id, hosts, directory, days, replace };
        command.SetAction(parse => Run(() =>
        {
            var number = parse.GetRequiredValue(id);
            if (number < 1) throw CliException.Usage($"'{number}' is no number of a node: they begin with 1");
            var named = parse.GetValue(hosts) is { Length: > 0 } given ? given : LocalAuthority.LocalHosts;
            if (named.FirstOrDefault(static host => Uri.CheckHostName(host) == UriHostNameType.Unknown) is { } wrong)
                throw CliException.Usage($"--host: '{wrong}' is no name or address of a host");
            using var authority = LocalAuthority.Open(parse.GetRequiredValue(directory));
            var made = authority.Node(number, named, Life(parse, days), parse.GetValue(replace));
            terminal.Line($"node {number}, called by {string.Join(", ", named)}, good until {Day(made.Certificate.NotAfter)}");
            terminal.Line("gossipdb.tls {");
            terminal.Line($"  certificate = \"{Path.GetFullPath(made.CertificateFile)}\"");
            terminal.Line($"  key = \"{Path.GetFullPath(made.KeyFile)}\"");
            terminal.Line($"  ca = \"{Path.GetFullPath(authority.CertificateFile)}\"");
            terminal.Line("}");
        }));
        return command;
    }

    private static Command Client(Terminal terminal)
    {
        var (directory, days, replace) = (DirectoryOption(), DaysOption(LocalAuthority.Life), ReplaceOption());
        var user = new Argument<string>("USER") { Description = "The user that the client is" };
        var command = new Command("client", "Make the certificate of a client") { user, directory, days, replace };
        command.SetAction(parse => Run(() =>
        {
            var name = parse.GetRequiredValue(user);
            if (name.Length is 0 or > LongestName || name[0] is '.' or '-' || !name.All(static letter => IsOfName(letter)))
                throw CliException.Usage(
                    $"'{name}' is no name of a user: wanted are at most {LongestName} letters, digits and . _ - @, not . or - at first");
            using var authority = LocalAuthority.Open(parse.GetRequiredValue(directory));
            var made = authority.Client(name, Life(parse, days), parse.GetValue(replace));
            terminal.Line($"client {name}, good until {Day(made.Certificate.NotAfter)}");
            terminal.Line($"--ca {authority.CertificateFile} --cert {made.CertificateFile} --key {made.KeyFile}");
        }));
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A file with certificates in PEM" };
        var command = new Command("show", "Say whose certificates a file holds, and until when they are good") { file };
        command.SetAction(parse => Run(() =>
        {
            var path = parse.GetRequiredValue(file);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(File.ReadAllText(path));
            if (certificates.Count == 0) throw new CliException($"{path} has no certificate in it (PEM, BEGIN CERTIFICATE)");
            foreach (var certificate in certificates)
            {
                terminal.Line($"{certificate.Subject}, signed by {certificate.Issuer}");
                terminal.Line($"  good from {Day(certificate.NotBefore)} until {Day(certificate.NotAfter)}");
                foreach (var extension in certificate.Extensions)
                {
                    if (extension is X509SubjectAlternativeNameExtension) terminal.Line($"  for {extension.Format(multiLine: false)}");
                    if (extension is X509EnhancedKeyUsageExtension uses)
                    {
                        var names = uses.EnhancedKeyUsages.Cast<Oid>().Select(static use => use.FriendlyName);
                        terminal.Line($"  as {string.Join(", ", names)}");
                    }
                }
            }
        }));
        return command;
    }

    private static int Run(Action make)
    {
        try
        {
            make();
            return (int)ExitCode.Ok;
        }
        catch (CryptographicException problem)
        {
            throw new CliException(problem.Message);
        }
        catch (IOException there) when (there.Message.EndsWith("is there already", StringComparison.Ordinal))
        {
            throw new CliException($"{there.Message}: it is not overwritten (a node's or a client's is with --replace)");
        }
    }

    private static Option<string> DirectoryOption() => new("--dir")
    {
        Description = "Where the authority and the certificates are",
        HelpName = "DIR",
        DefaultValueFactory = static _ => "certs",
    };

    private static Option<int?> DaysOption(TimeSpan life) => Parsers.Option<int?>(
        "--days", $"For how many days it is good (default: {life.TotalDays.ToString(CultureInfo.InvariantCulture)})", "N",
        static text => Parsers.Integer(1, MostDays)(text));

    private static Option<bool> ReplaceOption() => new("--replace")
    {
        Description = "Replace the one that is there: a node takes the new one without a restart",
    };

    private static TimeSpan? Life(ParseResult parse, Option<int?> days) =>
        parse.GetValue(days) is { } given ? TimeSpan.FromDays(given) : null;

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' or '@';

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
