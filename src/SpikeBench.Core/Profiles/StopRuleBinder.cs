using System.Globalization;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds the rules that end a load early: one limit per item, written with <c>&gt;</c>.</summary>
internal sealed class StopRuleBinder(List<ProfileError> errors)
{
    private const char Above = '>';
    private const long DefaultWindowNs = 10_000_000_000;
    private const long ShortestWindowNs = 1_000_000_000;
    private const long DefaultMinCalls = 100;

    private static readonly FormatShape Shape = ProfileFormat.Root.Keys.First(k => k.Name == "stop_if").Child!;

    public IReadOnlyList<StopRule> Bind(MappingReader root, IReadOnlyCollection<string> phases, IReadOnlyCollection<string> operations, long deadlineNs)
    {
        var rules = new List<StopRule>();
        if (!root.Has("stop_if"))
        {
            return rules;
        }

        foreach ((ProfileNode item, int index) in root.List("stop_if").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, Shape, $"stop_if[{index}]", errors) is not { } reader)
            {
                continue;
            }

            var limits = reader.Entries.Select(e => e.Key).Where(k => k == "errors" || MappingReader.PercentileKey().IsMatch(k)).ToList();
            if (limits.Count != 1)
            {
                errors.Add(new ProfileError(item.Line, item.Column, $"stop_if[{index}]", "needs exactly one limit, like errors: \"> 50%\" or p99: \"> 800ms\""));
            }
            else if (BindLimit(reader, limits[0], deadlineNs) is { } limit)
            {
                long windowNs = reader.Duration("window", DefaultWindowNs);
                if (windowNs < ShortestWindowNs)
                {
                    reader.Report("window", $"must be at least {Units.Duration(ShortestWindowNs)}: rules are looked at once a second");
                }

                rules.Add(new StopRule(
                    SloBinder.KnownOrAll(reader, "phase", "phase", phases), SloBinder.KnownOrAll(reader, "operation", "operation", operations), limit.Share, limit.ThresholdNs,
                    windowNs, reader.Duration("delay", 0, positive: false), reader.Whole("calls", DefaultMinCalls, 1, long.MaxValue), limit.Text));
            }
        }

        return rules;
    }

    private static (double Share, long? ThresholdNs, string Text)? BindLimit(MappingReader reader, string key, long deadlineNs)
    {
        bool errors = key == "errors";
        string example = errors ? "\"> 50%\"" : "\"> 800ms\"";
        if (reader.Scalar(key) is not { } text)
        {
            return null;
        }

        if (!text.StartsWith(Above) || text.StartsWith(">=", StringComparison.Ordinal))
        {
            reader.Report(key, $"'{text}' is not a limit to stop at; write it like {example}");
            return null;
        }

        string limit = text[1..].Trim();
        if (errors)
        {
            if (Units.TryPercent(limit, out double share) && share is > 0 and < 1)
            {
                return (share, null, $"errors > {limit}");
            }

            reader.Report(key, $"'{limit}' is not a share above 0% and below 100%; write it like {example}");
            return null;
        }

        if (!Units.TryDuration(limit, out long thresholdNs) || thresholdNs <= 0 || thresholdNs > deadlineNs)
        {
            reader.Report(key, $"'{limit}' is not a duration up to the deadline of {Units.Duration(deadlineNs)}; write it like {example}");
            return null;
        }

        decimal percentile = decimal.Parse(key[1..], CultureInfo.InvariantCulture);
        if (percentile <= 0)
        {
            reader.Report(key, "must be above p0");
            return null;
        }

        return ((double)((100 - percentile) / 100), thresholdNs, $"{key} > {limit}");
    }
}
