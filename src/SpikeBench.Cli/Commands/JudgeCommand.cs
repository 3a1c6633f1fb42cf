using System.CommandLine;
using SpikeBench.Cli.Profiles;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Commands;

/// <summary>
/// <c>spikebench judge RUN</c>: the verdict on a stored run or set, recomputed from its files alone; the same files always get the same
/// bytes.
/// </summary>
internal static class JudgeCommand
{
    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var folders = new Argument<string[]>("RUN") { Description = "the folder of a run; one midnight of a set stands for all of them", Arity = ArgumentArity.ZeroOrMore };
        var slo = new Option<string?>("--slo") { Description = "judge by the SLOs of this file (slo: [...] as in a profile) instead of the registered ones; marked 'not pre-registered'", HelpName = "FILE" };
        var alone = new Option<bool>("--alone") { Description = "judge one midnight of a set by itself" };
        var certify = new Option<bool>("--certify") { Description = "write a certificate with its evidence, or say what bars it (exit 2 where the verdict is a PASS and no certificate is granted)" };
        var ledger = new Option<string?>("--ledger") { Description = "with --certify: the ledger of attempts (default: ledger.jsonl beside the run)", HelpName = "FILE" };
        var output = new Option<string?>("--out", "-o") { Description = "with --certify: the certificate's folder (default: beside the run)", HelpName = "DIR" };
        var verify = new Option<string?>("--verify") { Description = "make a certificate again from the evidence beside it: 0 verified, 2 verified but expired, 3 rejected", HelpName = "FILE" };
        var outputs = new VerdictOutputOptions();
        var command = new Command("judge", "Re-judge a stored run or set of midnights, certify it, or verify a certificate.") { folders, slo, alone, certify, ledger, output, verify };
        outputs.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            string[] given = parsed.GetValue(folders) ?? [];
            if (parsed.GetValue(verify) is { } certificate)
            {
                return given.Length == 0
                    ? CertificateCommands.Verify(certificate, terminal, time.GetUtcNow(), ToolBuild.Hash)
                    : throw new UsageException("--verify takes a certificate and no RUN: its evidence stands beside it");
            }

            if (given.Length == 0)
            {
                throw new UsageException("judge needs the folder of a run, such as results/ny-midnight-…, or --verify FILE");
            }

            if (parsed.GetValue(certify) && (parsed.GetValue(slo) is not null || parsed.GetValue(alone)))
            {
                throw new UsageException("--certify certifies the registered SLOs on a whole set: leave out --slo and --alone");
            }

            VerdictOutputs written = outputs.Of(parsed, terminal);
            written.RequireWritable();
            StoredSet stored = StoredSet.Read(given, parsed.GetValue(alone));
            FinishedRun[] runs = [.. stored.Runs.Select(r => Judged(r.Record, r.Folder, parsed.GetValue(slo)))];
            RunVerdict verdict = SetJudge.Decide([.. runs.Select(r => r.Judged)], stored.Required);
            int code = await written.WriteAsync(runs, verdict, ExitCodes.Of(verdict.Outcome)).ConfigureAwait(false);
            bool granted = !parsed.GetValue(certify) || CertificateCommands.Certify(runs, parsed.GetValue(ledger), parsed.GetValue(output), terminal);
            return granted || code != ExitCodes.Pass ? code : ExitCodes.Inconclusive;
        });
        return command;
    }

    private static FinishedRun Judged(RunRecord record, string folder, string? sloFile)
    {
        if (sloFile is null)
        {
            return new FinishedRun(record, Judge.Decide(record), folder);
        }

        SloSet slos = SloFile.Load(sloFile, record.Summary);
        return new FinishedRun(LaterSlo.Apply(record, slos, sloFile), LaterSlo.Decide(record, slos, sloFile), folder);
    }
}
