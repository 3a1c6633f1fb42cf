using System.Globalization;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
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
        File.WriteAllText(Path.Combine(folder, Certificate.PageName), CertificatePage.Render(certificate));
        File.WriteAllText(Path.Combine(folder, Certificate.MarkdownName), CertificateMarkdown.Render(certificate));
        terminal.Error.WriteLine($"certificate {Path.Combine(folder, Certificate.FileName)}");
        return true;
    }

    /// <summary>Makes a certificate again from the evidence beside it.</summary>
    /// <returns>0 verified, 2 verified but expired, 3 rejected.</returns>
    public static int Verify(string path, Terminal terminal, DateTimeOffset now)
    {
        Verification verification = CertificateFolder.Verify(path);
        Certificate certificate = verification.Certificate;
        bool sameBuild = certificate.Basis.ToolBuild == ToolBuild.Hash;
        string[] pages = [.. OtherPages(path, certificate)];
        if (!verification.Holds || (sameBuild && pages.Length > 0))
        {
            terminal.Out.WriteLine($"REJECTED: {path} does not follow from its evidence.");
            foreach (string finding in verification.Findings.Concat(pages.Select(p => $"{p} is not the page of this certificate: it was edited, or is of another")))
            {
                terminal.Out.WriteLine($"  {finding}");
            }

            return ExitCodes.Invalid;
        }

        bool expired = now > certificate.ExpiresUtc;
        string until = certificate.ExpiresUtc.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        terminal.Out.WriteLine(expired ? $"EXPIRED: the certificate follows from its evidence, but it ended on {until}." : $"VERIFIED, valid until {until}: {certificate.Sentence}");
        terminal.Out.WriteLine($"  {certificate.Midnights.Count} plans compiled again, {Units.Count(verification.Calls)} calls summed again, {certificate.Midnights.Count} verdicts recomputed,");
        terminal.Out.WriteLine($"  {verification.Attempts} attempt{(verification.Attempts == 1 ? "" : "s")} in one chain that ends in {certificate.History.LedgerHead}");
        foreach (string page in pages)
        {
            terminal.Out.WriteLine($"  {page} is not the page that this build makes of it: read certificate.json, or make the page again (judge --certify)");
        }

        if (!sameBuild)
        {
            terminal.Out.WriteLine($"  made with {certificate.Basis.Tool} ({certificate.Basis.ToolBuild}), verified with another build ({ToolBuild.Hash})");
        }

        return expired ? ExitCodes.Inconclusive : ExitCodes.Pass;
    }

    /// <summary>The pages beside a certificate that say something else than it: people read those.</summary>
    internal static IEnumerable<string> OtherPages(string path, Certificate certificate)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach ((string name, Func<Certificate, string> render) in new (string, Func<Certificate, string>)[] { (Certificate.PageName, CertificatePage.Render), (Certificate.MarkdownName, CertificateMarkdown.Render) })
        {
            string page = Path.Combine(folder, name);
            if (File.Exists(page) && !File.ReadAllBytes(page).AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(render(certificate))))
            {
                yield return name;
            }
        }
    }
}
