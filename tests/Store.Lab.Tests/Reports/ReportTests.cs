using Gossipdb.Lab.Reports;

namespace Gossipdb.Lab.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void A_report_is_written()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, ReportWriter.Name);
        var records = SyntheticRun.Records();
        ReportWriter.Write(path, () => records, SyntheticRun.Results(isMet: false));
        if (Environment.GetEnvironmentVariable("REPORT_OUT") is { } to) File.Copy(path, to, overwrite: true);
    }
}
