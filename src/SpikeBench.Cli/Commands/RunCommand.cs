using System.CommandLine;
using SpikeBench.Cli.Metrics;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench run PROFILE</c>: the main job.</summary>
internal static class RunCommand
{
    private const int MaxRepeats = 1000;

    public static Command Create(Terminal terminal, TimeProvider time, string[] args)
    {
        var profile = new Argument<string>("PROFILE") { Description = "a profile's path, or the name of a ready-made one (see 'spikebench profiles')" };
        var target = new Option<string?>("--target") { Description = "where the target listens, e.g. http://127.0.0.1:5000; without it the reference messenger is started on loopback", HelpName = "URL" };
        var owned = new Option<bool>("--i-own-this-target") { Description = "the target is not on this machine, and it is yours to load" };
        var scale = new Option<string?>("--scale") { Description = "the multiple of the profile's load, e.g. 2x; another than the claim's does not test the claim (default: the claim's)", HelpName = "N" };
        var peak = new Option<string?>("--peak") { Description = "what 1x means, e.g. 5k/s, instead of the profile's reference rate", HelpName = "RATE" };
        var seed = new Option<ulong?>("--seed") { Description = "fixes every random draw; repeats count up from it (default: the profile's)", HelpName = "N" };
        var repeat = new Option<int?>("--repeat") { Description = "how many midnights to run and judge together (default: the claim's)", HelpName = "R" };
        var set = new Option<string[]>("--set") { Description = "change one value, e.g. --set client.deadline=2s; may be repeated", HelpName = "PATH=VALUE" };
        var driver = new Option<string?>("--driver") { Description = $"how calls are made: {string.Join(" | ", Drivers.Names)} (default: raw where it can: Linux, no TLS)", HelpName = "NAME" };
        var workers = new Option<int?>("--workers") { Description = "worker threads (default: a quarter of the cores beside the reference messenger, half beside another local target, else all but one; at least 1)", HelpName = "N" };
        var pin = new Option<string>("--pin") { Description = "which processors the workers are pinned to: auto | off | a list like 2-3; the reference messenger gets the others", DefaultValueFactory = _ => Placement.Auto, HelpName = "CPUS" };
        var otlp = new Option<string?>("--otlp") { Description = "send metrics by OTLP (http/protobuf) while the run goes on, e.g. http://127.0.0.1:4318", HelpName = "URL" };
        var startAt = new Option<string?>("--start-at") { Description = "the wall time at which the load begins, e.g. 23:50:00+09:00", HelpName = "TIME" };
        var output = new Option<string>("--out", "-o") { Description = "where run folders go", DefaultValueFactory = _ => "results", HelpName = "DIR" };
        var json = new Option<string?>("--json") { Description = "write the verdict as JSON; - is standard output, instead of the summary", HelpName = "FILE" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "no progress on standard error" };
        var command = new Command("run", "Offer a profile to a target and judge its SLOs and its claim.")
        {
            profile, target, owned, scale, peak, seed, repeat, set, driver, workers, pin, otlp, startAt, output, json, quiet,
        };
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
                Workers = Within(parsed.GetValue(workers), "--workers", 1024),
                Pin = parsed.GetValue(pin)!,
                Otlp = parsed.GetValue(otlp) is { } endpoint ? OtlpAddress.Parse(endpoint) : null,
                StartAt = parsed.GetValue(startAt),
                Out = parsed.GetValue(output)!,
                Json = parsed.GetValue(json),
                Quiet = parsed.GetValue(quiet),
                Command = Redaction.Command(args),
            },
            terminal,
            time,
            cancel));
        return command;
    }

    private static async Task<int> ExecuteAsync(RunRequest request, Terminal terminal, TimeProvider time, CancellationToken cancel)
    {
        RunSetup setup = RunSetup.Of(request);
        DateTimeOffset? startAt = request.StartAt is { } text ? StartTime.Parse(text, time) : null;
        var session = new RunSession(request, setup, terminal, time);
        var runs = new List<FinishedRun>();
        for (int repeat = 0; repeat < setup.Repeats && !cancel.IsCancellationRequested; repeat++)
        {
            FinishedRun run = await session.RunAsync(repeat, repeat == 0 ? startAt : null, cancel).ConfigureAwait(false);
            runs.Add(run);
            await File.WriteAllTextAsync(Path.Combine(run.Folder, "report.html"), HtmlReport.Render(run.Record, run.Verdict), CancellationToken.None).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(run.Folder, VerdictJson.FileName), VerdictJson.Render(run.Verdict, [run], ExitCodes.Of(run.Verdict.Outcome)), CancellationToken.None).ConfigureAwait(false);
            if (setup.Repeats > 1 && !request.Quiet)
            {
                await terminal.Error.WriteLineAsync($"midnight {repeat + 1} of {setup.Repeats}: {run.Verdict.Headline}").ConfigureAwait(false);
            }
        }

        RunVerdict verdict = RepeatVerdict.Combine([.. runs.Select(r => r.Verdict)], setup.Repeats);
        int code = cancel.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Of(verdict.Outcome);
        await PrintAsync(request, terminal, runs, verdict, code).ConfigureAwait(false);
        return code;
    }

    private static async Task PrintAsync(RunRequest request, Terminal terminal, IReadOnlyList<FinishedRun> runs, RunVerdict verdict, int code)
    {
        string json = VerdictJson.Render(verdict, runs, code);
        if (request.Json == "-")
        {
            await terminal.Out.WriteAsync(json).ConfigureAwait(false);
            return;
        }

        if (request.Json is { } path)
        {
            try
            {
                await File.WriteAllTextAsync(path, json, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await terminal.Error.WriteLineAsync($"spikebench: --json {path}: {e.Message} The verdict is kept in {runs[^1].Folder}.").ConfigureAwait(false);
            }
        }

        await terminal.Out.WriteLineAsync(TextSummary.Render(runs[^1].Record, verdict)).ConfigureAwait(false);
        foreach (FinishedRun run in runs)
        {
            await terminal.Out.WriteLineAsync($"result {run.Folder}").ConfigureAwait(false);
        }
    }

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
