using System.Globalization;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary>Issues certificates from stored sets and verifies them.</summary>
internal static class CertificateCommands
{
    /// <summary>Certifies a stored set, or prints what bars it.</summary>
    /// <param name="runs">The set's midnights in order, as they were judged.</param>
    /// <param name="ledgerPath">The ledger; null: the one beside the runs.</param>
    /// <param name="output">Where the certificate's folder goes; null: beside the runs.</param>
    /// <param name="terminal">For the outcome.</param>
    /// <returns>Whether it was granted.</returns>
    public static bool Certify(IReadOnlyList<FinishedRun> runs, string? ledgerPath, string? output, Terminal terminal)
    {
        string parent = Path.GetDirectoryName(runs[0].Folder.TrimEnd('/', Path.DirectorySeparatorChar)) ?? "";
        ledgerPath ??= Path.Combine(parent, AttemptLedger.FileName);

        // From the files, not from memory: what is certified is what an auditor will read.
        StoredMidnight[] set = [.. runs.Select(r => StoredMidnight.Read(r.Folder))];
        Certification certification = Certification.Of(set, LedgerBook.Read(ledgerPath));
        if (certification.Certificate is not { } certificate)
        {
            terminal.Error.WriteLine("no certificate:");
            foreach (string bar in certification.Bars)
            {
                terminal.Error.WriteLine($"  {bar}");
            }

            return false;
        }

        string folder = output ?? Path.Combine(parent, $"{set[0].Record.Summary.Set!.Id}-certificate");
        CertificateFolder.Write(certificate, [.. runs.Select(r => r.Folder)], ledgerPath, folder);
        CertificatePages.Write(certificate, folder);
        terminal.Error.WriteLine($"certificate {Path.Combine(folder, Certificate.FileName)}");
        return true;
    }

    /// <summary>Makes a certificate again from the evidence beside it, and its pages from the certificate.</summary>
    /// <param name="path">The certificate's file.</param>
    /// <param name="terminal">For the outcome.</param>
    /// <param name="now">Whether it expired.</param>
    /// <param name="build">Which build of the tool verifies, as <see cref="ToolBuild"/> has it.</param>
    /// <param name="judge">Decides a record; null: <see cref="Judge.Decide"/>.</param>
    /// <returns>0 verified, 2 verified but expired, 3 rejected.</returns>
    public static int Verify(string path, Terminal terminal, DateTimeOffset now, string? build, Func<RunRecord, RunVerdict>? judge = null)
    {
        Verification verification = CertificateFolder.Verify(path, judge);
        Certificate certificate = verification.Certificate;
        if (!verification.Holds)
        {
            return Reject($"REJECTED: {path} does not follow from its evidence.", verification.Findings);
        }

        PagesCheck pages = CertificatePages.Check(certificate, Path.GetDirectoryName(Path.GetFullPath(path))!, build);
        if (pages.Forged.Count > 0)
        {
            return Reject($"REJECTED: {path} follows from its evidence, but a page beside it does not say what it says.", pages.Forged);
        }

        bool expired = now > certificate.ExpiresUtc;
        string until = certificate.ExpiresUtc.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        terminal.Out.WriteLine(expired ? $"EXPIRED: the certificate follows from its evidence, but it ended on {until}." : $"VERIFIED, valid until {until}: {certificate.Sentence}");
        terminal.Out.WriteLine($"  {certificate.Midnights.Count} plans compiled again, {Units.Count(verification.Calls)} calls summed again, {certificate.Midnights.Count} verdicts recomputed,");
        terminal.Out.WriteLine($"  {verification.Attempts} attempt{(verification.Attempts == 1 ? "" : "s")} in one chain that ends in {certificate.History.LedgerHead}");
        if (certificate.Basis.ToolBuild != build)
        {
            terminal.Out.WriteLine($"  made with {certificate.Basis.Tool} ({certificate.Basis.ToolBuild}), verified with another build ({build})");
        }

        foreach (string remark in pages.Remarks)
        {
            terminal.Out.WriteLine($"  {remark}");
        }

        return expired ? ExitCodes.Inconclusive : ExitCodes.Pass;

        int Reject(string what, IReadOnlyList<string> findings)
        {
            terminal.Out.WriteLine(what);
            foreach (string finding in findings)
            {
                terminal.Out.WriteLine($"  {finding}");
            }

            return ExitCodes.Invalid;
        }
    }
}
