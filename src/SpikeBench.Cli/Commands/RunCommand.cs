using System.CommandLine;
using SpikeBench.Cli.Metrics;
using SpikeBench.Cli.Profiles;
using SpikeBench.Cli.Running;
using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench run PROFILE</c>: the main job.</summary>
internal static class RunCommand
{
    private const int MaxRepeats = 1000;

    public static Command Create(Terminal terminal, TimeProvider time, string[] args)
    {
        var profile = new Argument<string>("PROFILE") { Description = "a profile's path, or the name of a ready-made one (see 'spikebench profiles')" };
        var target = new Option<string?>("--target") { Description = "where the target listens, e.g. http://127.0.0.1:5000, https://chat.internal, dns:///chat.internal:5000 or unix:///run/chat.sock; without it the reference messenger is started on loopback", HelpName = "URL" };
        var owned = new Option<bool>("--i-own-this-target") { Description = "the target is not on this machine, and it is yours to load" };
        var scale = new Option<string?>("--scale") { Description = "the multiple of the profile's load, e.g. 2x; another than the claim's does not test the claim (default: the claim's)", HelpName = "N" };
        var peak = new Option<string?>("--peak") { Description = "what 1x means, e.g. 5k/s, instead of the profile's reference rate", HelpName = "RATE" };
        var seed = WholeNumber.Option<ulong>("--seed", "fixes every random draw; repeats count up from it (default: the profile's)", "N");
        var repeat = WholeNumber.Option<int>("--repeat", "how many midnights to run and judge together (default: the claim's)", "R");
        var set = new Option<string[]>("--set") { Description = "change one value, e.g. --set client.deadline=2s; may be repeated", HelpName = "PATH=VALUE" };
        var driver = new Option<string?>("--driver") { Description = $"how calls are made: {string.Join(" | ", Drivers.Names)} (default: raw where it can: Linux, no TLS)", HelpName = "NAME" };
        var workers = WholeNumber.Option<int>("--workers", "worker threads (default: a quarter of the cores beside the reference messenger, half beside another local target, else all but one; at least 1)", "N");
        var pin = new Option<string>("--pin") { Description = "which processors the workers are pinned to: auto | off | a list like 2-3; the reference messenger gets the others", DefaultValueFactory = _ => Placement.Auto, HelpName = "CPUS" };
        var otlp = new Option<string?>("--otlp") { Description = "send metrics by OTLP (http/protobuf) while the run goes on, e.g. http://127.0.0.1:4318", HelpName = "URL" };
        var startAt = new Option<string?>("--start-at") { Description = "the wall time at which the load begins, e.g. 23:50:00+09:00", HelpName = "TIME" };
        var output = new Option<string>("--out", "-o") { Description = "where run folders go", DefaultValueFactory = _ => "results", HelpName = "DIR" };
        var ledger = new Option<string?>("--ledger") { Description = "the ledger of attempts (default: ledger.jsonl in the folder of --out)", HelpName = "FILE" };
        var targetId = new Option<string?>("--target-id") { Description = "what is tested, e.g. an image's digest; stands in the result and in a certificate", HelpName = "TEXT" };
        var stub = new Option<string[]>("--stub") { Description = "what stands in for a real part of the target, e.g. 'payments: canned replies'; may be repeated", HelpName = "TEXT" };
        var noCalibrate = new Option<bool>("--no-calibrate") { Description = "do not measure the generator against nothing before the run (some 6 s, once a day per machine and rate); without it there is no certificate" };
        var allowCommands = new Option<bool>("--allow-commands") { Description = "let the profile run the shell commands that it names, such as client.token.command" };
        var call = new Option<string?>("--call") { Description = "put one operation in the place of the profile's mix: package.Service/Method; it stands for the one that the profile calls most", HelpName = "METHOD" };
        var data = new Option<string?>("--data", "-d") { Description = "the request of --call as JSON, with templates such as ${seq}; an array has several; @FILE reads a file (default: {})", HelpName = "JSON" };
        var contract = new ContractFlags();
        var calls = new CallFlags();
        var outputs = new VerdictOutputOptions();
        var ui = new Option<string?>("--ui") { Description = $"what is shown while the load runs, on standard error: {string.Join(" | ", UiModes.Names)} (default: auto; live on a terminal, plain in pipes and CI, none is the calibrated mode)", HelpName = "MODE" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "the same as --ui none" };
        var command = new Command("run", "Offer a profile to a target and judge its SLOs and its claim.")
        {
            profile, target, owned, scale, peak, seed, repeat, set, driver, workers, pin, otlp, startAt, output, ledger, targetId, stub, noCalibrate, ui, quiet, allowCommands, call, data,
        };
        contract.AddTo(command);
        calls.AddTo(command);
        outputs.AddTo(command);
        command.SetAction((parsed, cancel) => ExecuteAsync(
            new RunRequest
            {
                Profile = parsed.GetValue(profile)!,
                Target = parsed.GetValue(target),
                OwnsTarget = parsed.GetValue(owned),
                Scale = ScaleOf(parsed.GetValue(scale)),
                Peak = PeakOf(parsed.GetValue(peak)),
                Seed = parsed.GetValue(seed),
                Repeat = Within(parsed.GetValue(repeat), "--repeat", MaxRepeats),
                Sets = parsed.GetValue(set) ?? [],
                Driver = parsed.GetValue(driver),
                Call = CallOf(parsed.GetValue(call), parsed.GetValue(data)),
                Contract = contract.Of(parsed),
                Calls = calls.Of(parsed),
                AllowCommands = parsed.GetValue(allowCommands),
                Workers = Within(parsed.GetValue(workers), "--workers", 1024),
                Pin = parsed.GetValue(pin)!,
                Otlp = parsed.GetValue(otlp) is { } endpoint ? OtlpAddress.Parse(endpoint) : null,
                StartAt = parsed.GetValue(startAt),
                Out = parsed.GetValue(output)!,
                Ledger = parsed.GetValue(ledger),
                TargetId = parsed.GetValue(targetId),
                Stubs = parsed.GetValue(stub) ?? [],
                NoCalibrate = parsed.GetValue(noCalibrate),
                Ui = UiModes.Choose(parsed.GetValue(ui), parsed.GetValue(quiet), terminal.IsInteractive, terminal.Variable),
                Command = Redaction.Command(args),
            },
            outputs.Of(parsed, terminal),
            terminal,
            time,
            cancel));
        return command;
    }

    private static async Task<int> ExecuteAsync(RunRequest request, VerdictOutputs outputs, Terminal terminal, TimeProvider time, CancellationToken cancel)
    {
        outputs.RequireWritable();
        RunSetup setup = await RunSetup.OfAsync(request, terminal.Variable, time, cancel).ConfigureAwait(false);
        if (setup.Note is { } note)
        {
            await terminal.Error.WriteLineAsync(note).ConfigureAwait(false);
        }

        foreach (string warning in request.Ui == UiMode.None ? [] : LoadRules.Warnings(setup.Profile))
        {
            await terminal.Error.WriteLineAsync($"warning: {warning}").ConfigureAwait(false);
        }

        DateTimeOffset? startAt = request.StartAt is { } text ? StartTime.Parse(text, time) : null;
        var ledger = new AttemptLedger(request.Ledger ?? Path.Combine(request.Out, AttemptLedger.FileName), time);
        string known = LedgerText.Known(ledger.Read(), ledger.Path);
        if (request.Ui != UiMode.None)
        {
            await terminal.Error.WriteLineAsync(known).ConfigureAwait(false);
        }

        var session = new RunSession(request, setup, ledger, terminal, time);
        var runs = new List<FinishedRun>();
        int look = 1;
        Exception? ended = null;
        RunVerdict verdict = await LookAsync(setup.Repeats).ConfigureAwait(false);
        while (look < setup.Looks && ended is null && !cancel.IsCancellationRequested && SetJudge.CanExtend([.. runs.Select(r => r.Judged)], verdict))
        {
            int midnights = ClaimLooks.MidnightsAfter(++look, setup.Repeats);
            if (request.Ui != UiMode.None)
            {
                await terminal.Error.WriteLineAsync(LookText.GoesOn(setup.Profile.Claim!, verdict, look - 1, midnights - runs.Count)).ConfigureAwait(false);
            }

            verdict = await LookAsync(midnights).ConfigureAwait(false);
        }

        // A target that FAILED and then is gone has FAILED.
        int code = cancel.IsCancellationRequested ? ExitCodes.Interrupted
            : ended is null || verdict.Outcome == Outcome.Fail ? ExitCodes.Of(verdict.Outcome)
            : ExitCodes.Of(ended);
        code = await outputs.WriteAsync(runs, verdict, code).ConfigureAwait(false);
        if (!outputs.JsonOnly)
        {
            foreach (FinishedRun run in runs)
            {
                await terminal.Out.WriteLineAsync($"result {run.Folder}").ConfigureAwait(false);
            }
        }

        // Whoever ran as many midnights as a certificate takes wants one, or to know what bars it.
        if (runs.Count >= Certification.MidnightsNeeded && !cancel.IsCancellationRequested)
        {
            CertificateCommands.Certify(runs, ledger.Path, null, terminal);
        }

        return code;

        async Task<RunVerdict> LookAsync(int midnights)
        {
            for (int repeat = runs.Count; repeat < midnights && !cancel.IsCancellationRequested; repeat++)
            {
                FinishedRun run;
                try
                {
                    run = await session.RunAsync(repeat, repeat == 0 ? startAt : null, cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (runs.Count > 0 && e is TargetException or GeneratorException or OperationCanceledException)
                {
                    // The midnights before were offered all the same: they are judged as what they are, the part of a set.
                    ended = e;
                    await terminal.Error.WriteLineAsync($"spikebench: midnight {repeat + 1} of {midnights} has no result: {(e is OperationCanceledException ? "interrupted" : e.Message)}").ConfigureAwait(false);
                    break;
                }

                runs.Add(run);
                await KeepAsync(run, terminal).ConfigureAwait(false);
                if (midnights > 1 && request.Ui != UiMode.None)
                {
                    await terminal.Error.WriteLineAsync($"midnight {repeat + 1} of {midnights}: {run.Verdict.Headline}").ConfigureAwait(false);
                }
            }

            return SetJudge.Decide([.. runs.Select(r => r.Judged)], midnights);
        }
    }

    /// <summary>Writes what people and scripts read; what the disk does not take is said, and the verdict stands.</summary>
    private static async Task KeepAsync(FinishedRun run, Terminal terminal)
    {
        string? notKept = run.NotKept;
        string json = VerdictJson.Render(run.Verdict, [run], ExitCodes.Of(run.Verdict.Outcome)), page = HtmlReport.Render(run.Record, run.Verdict);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(run.Folder, VerdictJson.FileName), json, CancellationToken.None).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(run.Folder, "report.html"), page, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            notKept ??= $"the report could not be kept: {e.Message} Make room and use 'spikebench report {run.Folder}'.";
        }

        if (notKept is not null)
        {
            await terminal.Error.WriteLineAsync($"spikebench: {notKept}").ConfigureAwait(false);
        }
    }

    private static CallOverride? CallOf(string? method, string? data) => method is null
        ? data is null ? null : throw new UsageException("--data is the request of --call, which is not given")
        : new CallOverride(Contract.Canonical(method), data is ['@', .. string file] ? ProfileFile.ReadFile(file) : data);

    public static double? ScaleOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return (Units.TryMultiple(text, out double scale) || Units.TryNumber(text, out scale)) && scale is > 0 and <= 1000
            ? scale
            : throw new UsageException($"--scale {text}: write it like 2x, above 0x and at most 1000x");
    }

    public static string? PeakOf(string? text) => text is null || (Units.TryRate(text, out double rate) && rate > 0)
        ? text
        : throw new UsageException($"--peak {text}: write it like 5000/s or 5k/s, above 0");

    private static int? Within(int? value, string option, int max) => value is null or >= 1 && !(value > max)
        ? value
        : throw new UsageException($"{option} {value}: must be 1 to {max}");
}
