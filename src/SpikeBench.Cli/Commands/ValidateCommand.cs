using System.CommandLine;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench validate PROFILE</c>: all mistakes at once, or what a run would offer and could show.</summary>
internal static class ValidateCommand
{
    private const int PlotWidth = 72;
    private const int PlotHeight = 8;

    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var profile = new Argument<string>("PROFILE") { Description = "a profile's path, or the name of a ready-made one" };
        var scale = new Option<string?>("--scale") { Description = "the multiple of the load (default: the claim's)", HelpName = "N" };
        var peak = new Option<string?>("--peak") { Description = "what 1x means, e.g. 5k/s", HelpName = "RATE" };
        var set = new Option<string[]>("--set") { Description = "change one value; may be repeated", HelpName = "PATH=VALUE" };
        var target = new Option<string?>("--target") { Description = "the target whose contract the calls are checked by, where no file has it; nothing is offered", HelpName = "URL" };
        var allowCommands = new Option<bool>("--allow-commands") { Description = "let the profile's own command print the token that --target is asked with" };
        var contract = new ContractFlags();
        var calls = new CallFlags();
        var command = new Command("validate", "Check a profile: all errors, planned counts and curve, SLOs that cannot pass.") { profile, scale, peak, set, target, allowCommands };
        contract.AddTo(command);
        calls.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var request = new RunRequest
            {
                Profile = parsed.GetValue(profile)!,
                Target = parsed.GetValue(target),
                OwnsTarget = true,
                Contract = contract.Of(parsed),
                Calls = calls.Of(parsed),
                // Without a target nobody is asked, and no command runs.
                AllowCommands = parsed.GetValue(allowCommands) || parsed.GetValue(target) is null,
                Scale = RunCommand.ScaleOf(parsed.GetValue(scale)),
                Peak = RunCommand.PeakOf(parsed.GetValue(peak)),
                Sets = parsed.GetValue(set) ?? [],
                Command = "",
            };
            RunSetup setup = await RunSetup.OfAsync(request, terminal.Variable, time, cancel).ConfigureAwait(false);
            Print(setup, terminal.Out);
            return ExitCodes.Pass;
        });
        return command;
    }

    private static void Print(RunSetup setup, TextWriter output)
    {
        Profile profile = setup.Profile;
        LoadPlan plan = setup.PlanOf(0);
        output.WriteLine($"{profile.Name} is valid. At {Units.Multiple(setup.Scale)} of {Units.Rate(profile.Reference.RatePerSecond)} ({profile.Reference.What}):");
        output.WriteLine();
        foreach (string warning in LoadRules.Warnings(profile))
        {
            output.WriteLine($"warning: {warning}");
        }

        foreach (Operation operation in profile.Operations)
        {
            PrintFiles(operation, output);
        }

        if (plan.Closed is { } closed)
        {
            output.WriteLine($"up to {Units.Count(closed.MostCopies)} copies for {Units.Duration(plan.DurationNs)}{(closed.Iterations is { } n ? $" or {Units.Count(n)} calls" : "")}, "
                + $"phases {string.Join(", ", plan.Phases.Select(p => p.Name))}; claim not tested");
            output.WriteLine($"seed {setup.FirstSeed}, profile {setup.ProfileHash}");
            return;
        }

        PlanCounts counts = plan.Count();
        output.Write(RatePlot.Render(plan, PlotWidth, PlotHeight));
        output.WriteLine();
        PrintCounts(profile, plan, counts, output);
        output.WriteLine();
        output.WriteLine($"total {Units.Count(counts.Total)} calls drawn, ∫λ = {plan.Schedule.Curve.TotalCalls.ToString("#,0.0", System.Globalization.CultureInfo.InvariantCulture)}, "
            + $"peak {Units.Rate(plan.Schedule.Curve.PeakRate)}, busiest 100 ms {Units.Count(counts.BusiestCell)} calls, {Units.Duration(plan.DurationNs)} long");
        output.WriteLine($"plan {counts.Fingerprint}, seed {setup.FirstSeed}, profile {setup.ProfileHash}");
        PrintShort(setup, plan, counts, output);
    }

    private static void PrintFiles(Operation operation, TextWriter output)
    {
        string order = operation.Payload.Order == RowOrder.InOrder ? "the call at place i takes row i" : "each call draws its row";
        foreach (FeedFile file in operation.Payload.Files.Concat(operation.Payload.Source is { } source ? [source] : []))
        {
            output.WriteLine($"{operation.Name} sends from {file.File}: {Units.Count(file.Rows)} rows, {order}; SHA-256 {file.Sha256}");
        }
    }

    private static void PrintCounts(Profile profile, LoadPlan plan, PlanCounts counts, TextWriter output)
    {
        int nameWidth = Math.Max(8, plan.Phases.Max(p => p.Name.Length));
        output.WriteLine($"{"phase".PadRight(nameWidth)}  {"from",9}  {"to",9}  {string.Join("  ", profile.Operations.Select(o => o.Name.PadLeft(Math.Max(9, o.Name.Length))))}");
        for (int p = 0; p < plan.Phases.Count; p++)
        {
            Phase phase = plan.Phases[p];
            IEnumerable<string> cells = profile.Operations.Select((o, i) => Units.Count(counts.PerPhase[p, i]).PadLeft(Math.Max(9, o.Name.Length)));
            output.WriteLine($"{phase.Name.PadRight(nameWidth)}  {Units.Duration(phase.StartNs),9}  {Units.Duration(phase.EndNs),9}  {string.Join("  ", cells)}");
        }
    }

    /// <summary>Names the SLOs that no target could pass, however good: there are too few calls to show it.</summary>
    private static void PrintShort(RunSetup setup, LoadPlan plan, PlanCounts counts, TextWriter output)
    {
        // As the judge: each of several looks gets its share of α, and a long phase is judged over all midnights that the claim may take.
        double alpha = Judge.AlphaOf(setup.Profile);
        int mostMidnights = ClaimLooks.MidnightsAfter(setup.Looks, setup.Repeats);
        RecordingPlan recording = setup.RecordingOf(plan);
        var lines = new List<string>();
        foreach (SloRule rule in setup.Profile.Slo)
        {
            for (int p = 0; p < plan.Phases.Count; p++)
            {
                long calls = Enumerable.Range(0, plan.Operations).Where(o => rule.Operation == "*" || setup.Profile.Operations[o].Name == rule.Operation).Sum(o => counts.PerPhase[p, o]);
                bool applies = rule.Phase == plan.Phases[p].Name || (rule.Phase == "*" && counts.InPhase(p) > 0);
                long needed = BinomialBounds.CleanCallsNeeded(rule.Budget, alpha);
                int midnights = 1;
                if (!recording.IsSingleEvent(plan.Phases[p]))
                {
                    midnights = mostMidnights;
                    double passLevel = ClusteredBounds.PassLevel(alpha, recording.HasFewClumps(plan.Phases[p], midnights, setup.Looks));
                    needed = (long)Math.Ceiling(BinomialBounds.CleanCallsNeeded(rule.Budget, passLevel) / ClusteredBounds.DegreesOfFreedomFactor(midnights * RecordingPlan.BatchesPerPhase - 1, passLevel));
                }

                if (applies && calls * midnights < needed)
                {
                    lines.Add($"  {rule.Text} of {(rule.Operation == "*" ? "all operations" : rule.Operation)} in {plan.Phases[p].Name}: {Units.Count(calls)} calls{(midnights > 1 ? $" in each of {midnights} midnights" : "")}, {Units.Count(needed)} needed");
                }
            }
        }

        if (lines.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("These SLOs cannot PASS for want of calls:");
            lines.ForEach(output.WriteLine);
            string each = setup.Looks > 1 ? $" for each of {setup.Looks} looks" : "";
            output.WriteLine($"The rule: ln α / ln(1 − ε) clean calls show a budget of ε at confidence 1 − α = {Units.Percent(1 - alpha)}{each}; a phase judged by 30 batches needs");
            output.WriteLine("an eighth more, one below five minutes a quarter, and more again where bad calls clump. Offer more (--scale, --peak, a longer phase) or relax the SLO.");
        }
    }
}
