using System.CommandLine;
using SpikeBench.Core;
using SpikeBench.Histograms;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench hlog …</c>: looks into HDR interval logs, whatever tool wrote them, and cuts and merges them.</summary>
internal sealed class HlogCommand(Terminal terminal)
{
    private readonly HlogOptions _options = new();

    public static Command Create(Terminal terminal)
    {
        var of = new HlogCommand(terminal);
        var command = new Command("hlog", "Sum up, cut, merge, convert and plot HDR interval logs of any tool.");
        command.Subcommands.Add(of.Summary());
        command.Subcommands.Add(of.Cut());
        command.Subcommands.Add(of.Merge());
        command.Subcommands.Add(of.Hgrm());
        command.Subcommands.Add(of.Csv());
        command.Subcommands.Add(of.Plot());
        return command;
    }

    private Command Summary()
    {
        Argument<string> log = OneLog();
        Command command = Named("summary", "Print count, mean and percentiles of each tag.", [log], _options.Unit);
        command.SetAction(parsed =>
        {
            double unit = _options.UnitOf(parsed);
            using HlogInput input = HlogInput.Open(parsed.GetValue(log)!);
            IReadOnlyList<LogSummary> summaries = Summarize(input, _options.SelectionOf(parsed, allTags: true));
            return _options.Write(parsed, terminal, HlogText.Summary(summaries, input.Log.StartTimeSeconds, unit));
        });
        return command;
    }

    private Command Cut()
    {
        Argument<string> log = OneLog();
        Command command = Named("cut", "Write the intervals of a time range or a tag as a log of their own.", [log], _options.Unit);
        command.SetAction(parsed =>
        {
            LogSelection selection = _options.SelectionOf(parsed, allTags: true);
            using var text = new StringWriter();
            var writer = new HistogramLogWriter(text) { MaxValueUnitRatio = _options.UnitOf(parsed) };
            using HlogInput input = HlogInput.Open(parsed.GetValue(log)!);
            int kept = Writable(input.Path, () => input.Read(l => LogTools.Cut(l, selection, writer)));
            return kept == 0 ? throw input.Nothing(selection) : _options.Write(parsed, terminal, text.ToString());
        });
        return command;
    }

    private Command Merge()
    {
        Argument<string[]> logs = ManyLogs();
        Command command = Named("merge", "Add up logs that were written side by side: the intervals of one tag, start and end become one.", [logs], _options.Unit);
        command.SetAction(parsed =>
        {
            LogSelection selection = _options.SelectionOf(parsed, allTags: true);
            using var text = new StringWriter();
            var writer = new HistogramLogWriter(text) { MaxValueUnitRatio = _options.UnitOf(parsed) };
            List<HlogInput> inputs = [];
            try
            {
                inputs.AddRange(parsed.GetValue(logs)!.Select(HlogInput.Open));
                MergeInto(writer, inputs, selection);
            }
            finally
            {
                inputs.ForEach(input => input.Dispose());
            }

            return _options.Write(parsed, terminal, text.ToString());
        });
        return command;
    }

    private Command Hgrm()
    {
        Argument<string> log = OneLog();
        Command command = Named("hgrm", "Print the percentile distribution as HdrHistogram's plotter takes it (without --tag: the intervals without a tag).", [log], _options.Unit, _options.Ticks);
        command.SetAction(parsed => Report(parsed, log, PercentileFormat.Hgrm, distribution: true));
        return command;
    }

    private Command Csv()
    {
        Argument<string> log = OneLog();
        var distribution = new Option<bool>("--distribution") { Description = "print the percentile distribution instead of a line per interval" };
        Command command = Named("csv", "Print a line of percentiles per interval, with running totals (without --tag: the intervals without a tag).", [log], _options.Unit, _options.Ticks, distribution);
        command.SetAction(parsed => Report(parsed, log, PercentileFormat.Csv, parsed.GetValue(distribution)));
        return command;
    }

    private Command Plot()
    {
        Argument<string[]> logs = ManyLogs();
        Command command = Named("plot", "Draw values by percentile as SVG, a line per log and tag.", [logs], _options.Unit, _options.Ticks);
        command.SetAction(parsed =>
        {
            LogSelection selection = _options.SelectionOf(parsed, allTags: true);
            var plot = new PercentilePlot(_options.UnitOf(parsed), _options.TicksOf(parsed));
            string[] paths = parsed.GetValue(logs)!;
            foreach (string path in paths)
            {
                using HlogInput input = HlogInput.Open(path);
                foreach (LogSummary summary in Summarize(input, selection))
                {
                    string tag = HlogText.TagName(summary.Tag);
                    plot.Add(paths.Length == 1 ? tag : $"{Path.GetFileName(path)} {tag}", summary.Total);
                }
            }

            string title = string.Join(", ", paths.Select(Path.GetFileName));
            return _options.Write(parsed, terminal, plot.Render(title));
        });
        return command;
    }

    private int Report(ParseResult parsed, Argument<string> log, PercentileFormat format, bool distribution)
    {
        var report = new LogReport
        {
            Selection = _options.SelectionOf(parsed, allTags: false),
            UnitRatio = _options.UnitOf(parsed),
            TicksPerHalfDistance = _options.TicksOf(parsed),
            Format = format,
        };
        using var text = new StringWriter();
        using var intervals = new StringWriter();
        using HlogInput input = HlogInput.Open(parsed.GetValue(log)!);
        input.Read(l => report.Write(l, intervals, distribution ? text : null, null));

        // A line per interval is the sign that there was one: a log of empty histograms is a log.
        return intervals.GetStringBuilder().Length == 0
            ? throw input.Nothing(report.Selection)
            : _options.Write(parsed, terminal, (distribution ? text : intervals).ToString());
    }

    private static IReadOnlyList<LogSummary> Summarize(HlogInput input, LogSelection selection)
    {
        IReadOnlyList<LogSummary> summaries = input.Read(log => LogTools.Summarize(log, selection));
        return summaries.Count > 0 ? summaries : throw input.Nothing(selection);
    }

    private static void MergeInto(HistogramLogWriter writer, List<HlogInput> inputs, LogSelection selection)
    {
        HlogInput reading = inputs[0];
        try
        {
            int written = Writable(string.Join(", ", inputs.Select(input => input.Path)), () => LogTools.Merge(Logs(), selection, writer));
            if (written == 0)
            {
                throw inputs[0].Nothing(selection);
            }
        }
        catch (Exception e) when (reading.ErrorOf(e) is { } error)
        {
            throw error;
        }

        IEnumerable<HistogramLogReader> Logs()
        {
            foreach (HlogInput input in inputs)
            {
                reading = input;
                yield return input.Log;
            }
        }
    }

    // Some writers are laxer than the format that we write.
    private static int Writable(string path, Func<int> write)
    {
        try
        {
            return write();
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == "endUnixMs")
        {
            throw new UsageException($"{path}: an interval ends before it starts, as happens when a clock is set back; leave it out with --from and --to");
        }
        catch (ArgumentException e) when (e.ParamName == "tag")
        {
            throw new UsageException($"{path}: a tag is empty or has white space or a control character, which other readers could not read back; leave it out with --tag");
        }
    }

    private Command Named(string name, string description, Argument[] arguments, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (Argument argument in arguments)
        {
            command.Arguments.Add(argument);
        }

        foreach (Option option in (Option[])[.. _options.Selecting, .. options, _options.Out])
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static Argument<string> OneLog() => new("LOG") { Description = "an HDR interval log" };

    private static Argument<string[]> ManyLogs() => new("LOGS") { Description = "HDR interval logs", Arity = ArgumentArity.OneOrMore };
}
