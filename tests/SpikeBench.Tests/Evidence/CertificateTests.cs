using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SpikeBench.Cli;
using SpikeBench.Cli.Commands;
using SpikeBench.Core;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Evidence;

/// <summary>
/// What bars a certificate, and that no forged one is verified. A forger may mend every hash that he can reach: so does
/// <see cref="Reseal"/>, and what is left is rejected all the same.
/// </summary>
public sealed partial class CertificateTests(CertificateTests.Issued issued) : IClassFixture<CertificateTests.Issued>, IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 12, 31, 22, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly FixedTime _time = new(Start);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ten_midnights_that_held_in_real_time_with_a_calibration_are_certified()
    {
        Certificate certificate = await IssueAsync();
        certificate.Sentence.ShouldBe(
            "On chat@sha256:4f1c, 10 of 10 midnights at 2x the ordinary peak (peak 200/s) met send p99 <= 200ms in spike, errors <= 1% in spike: "
            + "\"holds 2x the reference peak\". With 95 % confidence at most 25.9 % of such midnights miss.");
        certificate.Light.ShouldBe(CertificateLight.Green);
        certificate.Risk.ShouldBe(new CertifiedRisk(10, RepeatVerdict.MissBound(10), 0, RepeatVerdict.MissBound(10)));
        certificate.History.Known.ShouldBe("no earlier attempts known");
        certificate.History.Attempts.Select(a => a.Number).ShouldBe(Enumerable.Range(1, 10));
        certificate.History.Looks.ShouldBe(1);
        certificate.History.AlphaSpent.ShouldBe(0.05, 1e-12);
        certificate.Basis.RegisteredUtc.ShouldBeLessThan(certificate.Basis.FirstT0Utc);
        certificate.ExpiresUtc.ShouldBe(certificate.Midnights[^1].T0Utc.AddDays(90));
        certificate.Midnights.ShouldAllBe(m => m.Slos.All(s => s.Outcome == Outcome.Pass) && m.Checks.Any(c => c.Id == "V12"));
        Verify().Findings.ShouldBeEmpty();
        string page = CertificatePage.Render(certificate);
        page.ShouldContain("class=\"light green\"");
        page.ShouldContain("2x of 100/s (ordinary peak)");
        page.ShouldNotContain("1x is ");
        page.ShouldContain("It is not signed");
        string markdown = CertificateMarkdown.Render(certificate);
        markdown.ShouldStartWith("# 🟢 PASS.\n\nCapacity certificate, 2026-12-31 22:01 UTC, valid until 2027-03-31\n");
        markdown.ShouldContain("## 2x of 100/s (ordinary peak)\n");
        markdown.ShouldContain("| spike | send p99 &lt;= 200ms | 0 of ");
        markdown.ShouldContain("* It is not signed");
        markdown.ShouldContain("| 10 | played-20261231-221900 | PASS | this certificate |");
    }

    [Fact]
    public async Task Registered_looks_stand_in_the_certificate_with_what_each_may_err()
    {
        PlayedRun run = new();
        Certificate certificate = Certification.Of(
            await SetAsync(10, run with { Profile = run.Profile with { Claim = run.Profile.Claim! with { Looks = 3 } } }), Ledger.Read(), Calibrated).Certificate!;
        certificate.Claim.Looks.ShouldBe(3);
        (certificate.History.Looks, certificate.History.AlphaPerLook).ShouldBe((1, 0.0221));
        certificate.History.AlphaSpent.ShouldBe(0.05, 1e-12);
        certificate.NotClaimed.ShouldNotContain(l => l.StartsWith("This claim was looked at", StringComparison.Ordinal));
    }

    /// <summary>Whoever goes on after a look that decided, or looks more often than registered, chooses.</summary>
    [Fact]
    public async Task A_set_that_was_extended_though_it_was_decided_or_not_registered_is_not_certified()
    {
        PlayedRun run = new();
        Certification extended = Certification.Of(
            await SetAsync(20, run with { Profile = run.Profile with { Claim = run.Profile.Claim! with { Looks = 2 } } }, firstLook: 10), Ledger.Read(), Calibrated);
        extended.Bars.ShouldBe(["Look 1 had decided: PASS after 10 midnights. What came later is no part of that set."]);
        Certification unregistered = Certification.Of(await SetAsync(20, run, "third", firstLook: 10), Ledger.Read(), Calibrated);
        unregistered.Bars.ShouldContain("The set was looked at 2 times, the claim registered 1.");
    }

    [Fact]
    public async Task Everything_that_bars_a_certificate_is_listed()
    {
        PlayedRun slow = new() { ServiceNs = 300_000_000 };
        Certification certification = Certification.Of(await SetAsync(3, slow with { Profile = slow.Profile with { Compress = 2 }, ClaimNotTested = "of a test" }), Ledger.Read());
        certification.Certificate.ShouldBeNull();
        certification.Bars.ShouldContain("The verdict is FAIL; only a PASS is certified.");
        certification.Bars.ShouldContain("The claim was not tested: of a test.");
        certification.Bars.ShouldContain("The load was played 2 times faster than life; only real time (compress: 1) is certified.");
        certification.Bars.ShouldContain("A certificate takes 10 midnights (claim.repeats or --repeat), this set has 3.");
        certification.Bars.ShouldContain(b => b.StartsWith("V12: 3 of 3 midnights have no calibration of the generator that fits: no calibration that fits; must be ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_claim_that_failed_before_is_not_certified_by_running_it_again_unless_the_target_changed()
    {
        await SetAsync(1, new PlayedRun { ServiceNs = 300_000_000 }, "first");
        Certification again = Certification.Of(await SetAsync(10, new PlayedRun()), Ledger.Read(), Calibrated);
        again.Verdict.Outcome.ShouldBe(Outcome.Pass);
        again.Bars.Single().ShouldStartWith("Attempt 1 at the same claim on the same target FAILED");

        PlayedRun other = new() { Target = new TargetSummary("http://chat.example:50051/", null, false) { Id = "chat@sha256:5555" } };
        Certification changed = Certification.Of(await SetAsync(10, other, "third"), Ledger.Read(), Calibrated);
        changed.Certificate!.History.Known.ShouldBe("11 earlier attempts known");
        changed.Certificate.History.Attempts.Count(a => a.ThisClaim).ShouldBe(10);
    }

    /// <summary>Another seed, name or word is no other claim; with one, whoever runs until it is green would have no history.</summary>
    [Fact]
    public async Task A_claim_that_failed_under_another_seed_name_or_text_is_the_same_claim()
    {
        PlayedRun slow = new() { ServiceNs = 300_000_000 };
        await SetAsync(1, slow with { Profile = slow.Profile with { Seed = 99, Name = "other", About = "other words", Claim = slow.Profile.Claim! with { Text = "as good", Repeats = 11 } } }, "first");
        Certification.Of(await SetAsync(10, new PlayedRun()), Ledger.Read(), Calibrated).Bars.Single().ShouldStartWith("Attempt 1 at the same claim on the same target FAILED");
    }

    /// <summary>A set may FAIL over all its midnights though each by itself was open.</summary>
    [Fact]
    public async Task A_set_that_failed_as_a_whole_bars_the_next()
    {
        PlayedRun run = new();
        RunSummary before = run.Record().Summary;
        int attempt = await Ledger.OpenAsync("before", Registration.TermsOf(before, new MidnightSet("before", 2, 2)));
        await Ledger.CloseAsync(attempt, "before", new AttemptEnd(Outcome.Inconclusive, null, true, new Dictionary<string, string>()) { OfSet = Outcome.Fail });
        Ledger.Read().Attempts[0].State.ShouldBe("INCONCLUSIVE, its set FAIL");
        Certification.Of(await SetAsync(10, run), Ledger.Read(), Calibrated).Bars.Single().ShouldStartWith("Attempt 1 at the same claim on the same target FAILED");
    }

    [Fact]
    public async Task An_attempt_that_never_ended_counts_as_a_look_and_as_a_possible_miss()
    {
        PlayedRun run = new();
        await Ledger.OpenAsync("killed", Registration.TermsOf(run.Record().Summary, new MidnightSet("killed", 1, 1)));
        Certificate certificate = Certification.Of(await SetAsync(10, run), Ledger.Read(), Calibrated).Certificate!;
        certificate.History.Known.ShouldBe("1 earlier attempt known");
        certificate.History.Attempts[0].State.ShouldBe("open");
        (certificate.History.Looks, certificate.Risk.Unresolved).ShouldBe((2, 1));
        certificate.History.AlphaSpent.ShouldBe(1 - 0.95 * 0.95, 1e-12);
        certificate.Risk.MissBoundWorst.ShouldBe(BinomialBounds.Upper(1, 11, 0.05));
        certificate.NotClaimed.ShouldContain(l => l.StartsWith("1 attempt at the same claim never ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_that_nobody_named_or_on_the_generators_host_is_amber()
    {
        Certificate certificate = Certification.Of(await SetAsync(10, new PlayedRun { Target = new TargetSummary("http://127.0.0.1:5000/", null, true) }), Ledger.Read(), Calibrated).Certificate!;
        certificate.Light.ShouldBe(CertificateLight.Amber);
        certificate.NotClaimed.ShouldContain(l => l.StartsWith("Not a deployment claim", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counts_that_do_not_sum_are_rejected()
    {
        await IssueAsync();
        EditRun(3, RunFolder.TimelineFile, text => NthCount(text, "ok", count => count - 1));
        Rejected("OK and", "The verdict is INVALID");
    }

    [Fact]
    public async Task Bad_calls_that_the_histogram_knows_are_rejected()
    {
        await IssueAsync();
        EditRun(3, RunFolder.TimelineFile, text => NthCount(text, "bad_200ms", count => count + 1));
        Rejected("1 bad calls over 200 ms, the histogram shows 0 to 0");
    }

    [Fact]
    public async Task Histogram_totals_other_than_n_are_rejected()
    {
        await IssueAsync();
        EditRun(5, RunFolder.IntervalsFile, text => string.Join('\n', text.Split('\n').Where(l => !l.Contains("send.spike.response", StringComparison.Ordinal))));
        Rejected("sent, the histograms hold 0 and");
    }

    [Fact]
    public async Task Another_plan_is_rejected()
    {
        await IssueAsync();
        EditSummary(2, run => run with { Plan = run.Plan with { Fingerprint = "0000" + run.Plan.Fingerprint[4..] }, OfferedFingerprint = "0000" + run.OfferedFingerprint[4..] });
        Rejected("compile to the plan");
    }

    [Fact]
    public async Task Planned_counts_other_than_the_plans_are_rejected()
    {
        await IssueAsync();
        EditSummary(2, run => run with { Plan = run.Plan with { Planned = [[151, 49], .. run.Plan.Planned.Skip(1)] } });
        Rejected("its planned counts are not those of the compiled plan");
    }

    [Fact]
    public async Task A_missing_attempt_is_rejected_in_the_ledger_and_in_the_certificate()
    {
        await SetAsync(1, new PlayedRun { ServiceNs = 300_000_000, Target = new TargetSummary("http://other/", null, false) }, "first");
        await IssueAsync();
        string ledger = Path.Combine(Certified, AttemptLedger.FileName);
        string[] lines = await File.ReadAllLinesAsync(ledger);
        await File.WriteAllTextAsync(ledger, string.Concat(lines.Skip(2).Select(l => l + "\n")));
        Rejected("ledger.jsonl(1): the chain of attempts is broken");
        await File.WriteAllTextAsync(ledger, AttemptLedgerTests.Resealed(lines.Skip(2)));
        Rejected("attempt 2 follows attempt 0");
        await File.WriteAllTextAsync(ledger, string.Concat(lines.Select(l => l + "\n")));
        EditCertificate(c => ((JsonArray)c["history"]!["attempts"]!).RemoveAt(0));
        Rejected("history.attempts: the certificate says 10 items, the evidence 11 items");
    }

    /// <summary>A forger who also renumbers the rest still leaves the runs' own numbers.</summary>
    [Fact]
    public async Task A_ledger_renumbered_without_a_failed_attempt_is_rejected()
    {
        await SetAsync(1, new PlayedRun { ServiceNs = 300_000_000, Target = new TargetSummary("http://other/", null, false) }, "first");
        await IssueAsync();
        string ledger = Path.Combine(Certified, AttemptLedger.FileName);
        string[] lines = await File.ReadAllLinesAsync(ledger);
        await File.WriteAllTextAsync(ledger, AttemptLedgerTests.Resealed(lines.Skip(2).Select(l =>
            AttemptNumber().Replace(l, m => $"\"attempt\":{int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1}"))));
        Rejected("is not in the ledger");
    }

    [Fact]
    public async Task Slos_that_are_later_than_the_run_are_rejected()
    {
        await IssueAsync();
        EditLedger(line => line.Contains("\"attempt\":4", StringComparison.Ordinal) && line.Contains("\"closed\":null", StringComparison.Ordinal)
            ? line.Replace("2026-12-31T", "2027-01-31T", StringComparison.Ordinal)
            : line);
        Rejected("were registered at 2027-01-31");
    }

    [Fact]
    public async Task Other_slos_than_the_registered_ones_are_rejected()
    {
        await IssueAsync();
        EditSummary(0, run =>
        {
            var profile = run.Profile with { Slo = [run.Profile.Slo[0] with { Budget = 0.05 }, run.Profile.Slo[1]] };
            return run with { Profile = profile, ProfileHash = Registration.HashOf(profile) };
        });
        Rejected("what was registered for attempt 1 before the run is not what was run");
    }

    [Fact]
    public async Task A_profile_edited_under_its_hash_is_rejected()
    {
        await IssueAsync();
        EditSummary(0, run => run with { Profile = run.Profile with { Slo = [run.Profile.Slo[0] with { Budget = 0.05 }, run.Profile.Slo[1]] } });
        Rejected("the profile's hash is");
    }

    [Theory]
    [InlineData(RunFolder.SummaryFile)]
    [InlineData(RunFolder.TimelineFile)]
    [InlineData(RunFolder.IntervalsFile)]
    [InlineData(RunFolder.BatchesFile)]
    public async Task A_byte_more_in_any_file_is_rejected(string file)
    {
        await IssueAsync();
        File.AppendAllText(Path.Combine(Certified, RunId(7), file), "\n");
        Verify().Holds.ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_midnight_is_rejected()
    {
        await IssueAsync();
        Directory.Delete(Path.Combine(Certified, RunId(9)), recursive: true);
        Rejected("there is no run.json", "These are not all midnights of one set");
    }

    [Fact]
    public async Task A_midnight_in_the_place_of_another_is_rejected()
    {
        await IssueAsync();
        foreach (string file in RunFolder.HashFiles(Path.Combine(Certified, RunId(1))).Keys)
        {
            File.Copy(Path.Combine(Certified, RunId(1), file), Path.Combine(Certified, RunId(2), file), overwrite: true);
        }

        Rejected("These are not all midnights of one set");
    }

    [Theory]
    [InlineData("sentence", "\"On everything, forever.\"")]
    [InlineData("light", "\"amber\"")]
    [InlineData("claim.scale", "3")]
    [InlineData("risk.missBound", "0.01")]
    [InlineData("history.alphaSpent", "0.01")]
    [InlineData("history.looks", "0")]
    [InlineData("midnights[4].slos[0].bad", "1")]
    [InlineData("midnights[4].slos[0].calls", "6000000")]
    [InlineData("midnights[4].checks[0].measured", "\"fine\"")]
    [InlineData("midnights[4].planHash", "\"0\"")]
    [InlineData("target.id", "\"chat@sha256:9999\"")]
    [InlineData("target.stubs", "[\"payments\"]")]
    [InlineData("basis.toolBuild", "\"sha256:0\"")]
    [InlineData("notClaimed", "[]")]
    [InlineData("expiresUtc", "\"2099-01-01T00:00:00+00:00\"")]
    public async Task Any_value_that_the_evidence_does_not_give_is_rejected_by_name(string path, string value)
    {
        await IssueAsync();
        EditCertificate(c =>
        {
            string[] parts = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
            JsonNode at = parts[..^1].Aggregate((JsonNode)c, (n, p) => p[0] == '[' ? n[int.Parse(p.Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture)]! : n[p]!);
            at[parts[^1]] = JsonNode.Parse(value);
        });
        Rejected($"{path}: the certificate says");
    }

    [Fact]
    public async Task Another_spelling_and_unknown_words_are_rejected()
    {
        await IssueAsync();
        string path = Path.Combine(Certified, Certificate.FileName), text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text.Replace("{\"basis\"", "{\"approvedBy\":\"the board\",\"basis\"", StringComparison.Ordinal));
        Rejected("is not written as the tool writes it");
        await File.WriteAllTextAsync(path, text.Replace("{\"basis\":", "{\"basis\": ", StringComparison.Ordinal));
        Rejected("is not written as the tool writes it");
        await File.WriteAllTextAsync(path, text.Replace(RunId(0), "../../../etc", StringComparison.Ordinal));
        Rejected("'../../../etc' is no run's name");
        await File.WriteAllTextAsync(path, text.Replace("{\"basis\":", "{\"light\":\"green\",\"basis\":", StringComparison.Ordinal));
        Should.Throw<UsageException>(() => Verify()).Message.ShouldContain("is no certificate");
        await File.WriteAllTextAsync(path, text, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Should.Throw<UsageException>(() => Verify()).Message.ShouldContain("is no certificate");
        await File.WriteAllTextAsync(path, text.Replace("\"confidence\":0.95", "\"confidence\":9.5e-1", StringComparison.Ordinal));
        Rejected("is not written as the tool writes it");
        await File.WriteAllTextAsync(path, text.Replace("\"holds 2x", "\"\\u0068olds 2x", StringComparison.Ordinal));
        Rejected("is not written as the tool writes it");
        await File.WriteAllTextAsync(path, "{}");
        Should.Throw<UsageException>(() => Verify()).Message.ShouldContain("is no certificate");
    }

    [Theory]
    [InlineData(Certificate.PageName)]
    [InlineData(Certificate.MarkdownName)]
    public async Task A_page_that_says_something_else_is_forged(string name)
    {
        Certificate certificate = await IssueAsync();
        CertificatePages.Write(certificate, Certified);
        string build = certificate.Basis.ToolBuild;
        PagesCheck whole = CertificatePages.Check(certificate, Certified, build);
        (whole.Forged.Count, whole.Remarks.Count).ShouldBe((0, 0));

        string path = Path.Combine(Certified, name);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("10 of 10", "99 of 99", StringComparison.Ordinal));
        CertificatePages.Check(certificate, Certified, build).Forged.ShouldBe([$"{name} is not the page of certificate.json: it was changed, or is another certificate's"]);
        PagesCheck other = CertificatePages.Check(certificate, Certified, "sha256:other");
        other.Forged.ShouldBeEmpty();
        other.Remarks.Single().ShouldStartWith($"{name} is not as this build writes it, and the certificate is another build's: the page is NOT verified");

        File.Delete(path);
        PagesCheck missing = CertificatePages.Check(certificate, Certified, build);
        missing.Forged.ShouldBeEmpty();
        missing.Remarks.ShouldBe([$"{name} is missing; certificate.json does not need it"]);
    }

    [Fact]
    public async Task Verifying_rejects_a_forged_page_and_says_which_is_missing()
    {
        Certificate certificate = await IssueAsync();
        CertificatePages.Write(certificate, Certified);
        File.Delete(Path.Combine(Certified, Certificate.MarkdownName));
        (int code, string said) = Command(certificate.Basis.ToolBuild);
        code.ShouldBe(ExitCodes.Pass, said);
        said.ShouldStartWith("VERIFIED, valid until 2027-03-31: ");
        said.ShouldContain("\n  certificate.md is missing; certificate.json does not need it\n");

        await File.WriteAllTextAsync(Path.Combine(Certified, Certificate.PageName), "<h1>PASS</h1>");
        (code, said) = Command(certificate.Basis.ToolBuild);
        code.ShouldBe(ExitCodes.Invalid, said);
        said.ShouldStartWith("REJECTED: ");
        said.ShouldContain("\n  certificate.html is not the page of certificate.json");

        (int Code, string Said) Command(string build)
        {
            using var output = new StringWriter { NewLine = "\n" };
            return (CertificateCommands.Verify(Path.Combine(Certified, Certificate.FileName), new Terminal(output, TextWriter.Null), Start, build, Calibrated), output.ToString());
        }
    }

    private string Certified => Path.Combine(_folder, "certified");

    private AttemptLedger Ledger => new(Path.Combine(_folder, AttemptLedger.FileName), _time);

    private static string RunId(int midnight) => $"played-{Start.AddMinutes(2 * midnight + 1):yyyyMMdd-HHmmss}";

    /// <summary>The judge with the calibration that these runs, which never happened, cannot have.</summary>
    private static RunVerdict Calibrated(RunRecord run)
    {
        RunVerdict verdict = Judge.Decide(run);
        return verdict with { Checks = [.. verdict.Checks.Where(c => c.Id != "V12"), new ValidityCheck("V12", "calibrated", "test", "test", true, CheckConsequence.VoidsFailThatFlips)] };
    }

    private Verification Verify() => CertificateFolder.Verify(Path.Combine(Certified, Certificate.FileName), Calibrated);

    private void Rejected(params string[] expected)
    {
        IReadOnlyList<string> findings = Verify().Findings;
        foreach (string text in expected)
        {
            findings.ShouldContain(f => f.Contains(text, StringComparison.Ordinal), string.Join('\n', findings));
        }
    }

    /// <summary>A granted certificate; made once, and copied where nothing went before it.</summary>
    private async Task<Certificate> IssueAsync()
    {
        if (!File.Exists(Ledger.Path))
        {
            (Certificate made, string from) = await issued.Value;
            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                string to = Path.Combine(Certified, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            return made;
        }

        return await MakeAsync();
    }

    private async Task<Certificate> MakeAsync()
    {
        IReadOnlyList<StoredMidnight> set = await SetAsync(10, new PlayedRun());
        Certification certification = Certification.Of(set, Ledger.Read(), Calibrated);
        certification.Bars.ShouldBeEmpty();
        CertificateFolder.Write(certification.Certificate!, [.. set.Select(m => Path.Combine(_folder, m.Record.Summary.RunId))], Ledger.Path, Certified);
        return certification.Certificate!;
    }

    /// <summary>A set as <c>run --repeat</c> leaves it: attempts opened, run, stored and closed one after the other.</summary>
    private async Task<IReadOnlyList<StoredMidnight>> SetAsync(int midnights, PlayedRun played, string id = "set", int? firstLook = null)
    {
        var set = new List<StoredMidnight>();
        DateTimeOffset from = id == "set" ? Start : Start.AddDays(id == "first" ? -1 : 1);
        for (int i = 0; i < midnights; i++)
        {
            _time.Now = from.AddMinutes(2 * i);
            PlayedRun run = played with { Seed = played.Seed + (ulong)i, Set = new MidnightSet(id, i + 1, i < firstLook ? firstLook.Value : midnights), T0Utc = _time.Now.AddMinutes(1) };
            RunRecord record = run.Record();
            RunSummary planned = record.Summary;
            int attempt = await Ledger.OpenAsync(planned.RunId, Registration.TermsOf(planned, run.Set));
            (_, string folder) = PlayedRun.Store(_folder, record with { Summary = planned with { Attempt = attempt } });
            _time.Now = _time.Now.AddSeconds(90);
            StoredMidnight stored = StoredMidnight.Read(folder);
            await Ledger.CloseAsync(attempt, planned.RunId, new AttemptEnd(Judge.Decide(stored.Record).Outcome, null, true, stored.Files));
            set.Add(stored);
        }

        return set;
    }

    private void EditRun(int midnight, string file, Func<string, string> edit)
    {
        string path = Path.Combine(Certified, RunId(midnight), file);
        File.WriteAllText(path, edit(File.ReadAllText(path)));
        string summary = Path.Combine(Certified, RunId(midnight), RunFolder.SummaryFile);
        File.WriteAllText(summary, Regex.Replace(
            File.ReadAllText(summary), $"\"{Regex.Escape(file)}\": *\"[^\"]*\"", $"\"{file}\": \"{Sha256.OfFile(path)}\""));
        File.WriteAllText(summary, StoredSummary.Seal(Regex.Replace(
            File.ReadAllText(summary), $"\"{Regex.Escape(RunFolder.SummaryFile)}\": *\"[^\"]*\"", $"\"{RunFolder.SummaryFile}\": \"{Sha256.Nothing}\"")));
        Reseal(midnight);
    }

    private void EditSummary(int midnight, Func<RunSummary, RunSummary> edit) => EditRun(
        midnight, RunFolder.SummaryFile, text => JsonSerializer.Serialize(edit(JsonSerializer.Deserialize<RunSummary>(text, RunFolder.Json)!), RunFolder.Json) + "\n");

    private void EditLedger(Func<string, string> edit)
    {
        string path = Path.Combine(Certified, AttemptLedger.FileName);
        File.WriteAllText(path, AttemptLedgerTests.Resealed(File.ReadAllLines(path).Select(edit)));
    }

    private void EditCertificate(Action<JsonObject> edit)
    {
        string path = Path.Combine(Certified, Certificate.FileName);
        var node = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        edit(node);
        File.WriteAllText(path, CanonicalJson.Of(JsonSerializer.Deserialize<Certificate>(node, RunFolder.Json)!) + "\n");
    }

    /// <summary>Mends the hashes of a run's files in the ledger, its chain and the certificate, as a forger would.</summary>
    private void Reseal(int midnight)
    {
        IReadOnlyDictionary<string, string> hashes = RunFolder.HashFiles(Path.Combine(Certified, RunId(midnight)));
        EditLedger(line => line.Contains("\"opened\":null", StringComparison.Ordinal) && line.Contains(RunId(midnight), StringComparison.Ordinal)
            ? hashes.Aggregate(line, (l, h) => Regex.Replace(l, $"\"{Regex.Escape(h.Key)}\":\"[^\"]*\"", $"\"{h.Key}\":\"{h.Value}\""))
            : line);
        string head = LedgerBook.Read(Path.Combine(Certified, AttemptLedger.FileName)).Head;
        EditCertificate(c =>
        {
            c["midnights"]![midnight]!["files"] = JsonSerializer.SerializeToNode(hashes);
            c["history"]!["ledgerHead"] = head;
        });
    }

    /// <summary>Changes a column of the first row that has calls.</summary>
    private static string NthCount(string csv, string column, Func<long, long> change)
    {
        string[] lines = csv.Split('\n');
        int at = Array.IndexOf(lines[0].Split(','), column);
        string[] row = lines[1].Split(',');
        row[at] = change(long.Parse(row[at], System.Globalization.CultureInfo.InvariantCulture)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        lines[1] = string.Join(',', row);
        return string.Join('\n', lines);
    }

    [GeneratedRegex("\"attempt\":(\\d+)")]
    private static partial Regex AttemptNumber();

    /// <summary>The certificate that most tests forge a copy of.</summary>
    public sealed class Issued : IDisposable
    {
        private readonly CertificateTests _maker;

        public Issued()
        {
            _maker = new CertificateTests(this);
            Value = Task.Run(async () => (await _maker.MakeAsync(), _maker.Certified));
        }

        public Task<(Certificate Certificate, string Folder)> Value { get; }

        public void Dispose() => _maker.Dispose();
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
