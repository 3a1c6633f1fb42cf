using System.Globalization;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds SLO rules: each limit of each item becomes one rule.</summary>
internal sealed class SloBinder(List<ProfileError> errors)
{
    private const string AtMost = "<=";
    private static readonly FormatShape Shape = ProfileFormat.Root.Keys.First(k => k.Name == "slo").Child!;

    public IReadOnlyList<SloRule> Bind(MappingReader root, IReadOnlyCollection<string> phases, IReadOnlyCollection<string> operations, long deadlineNs)
    {
        var rules = new List<SloRule>();
        foreach ((ProfileNode item, int index) in root.List("slo").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, Shape, $"slo[{index}]", errors) is not { } reader)
            {
                continue;
            }

            string phase = KnownOrAll(reader, "phase", phases);
            string operation = KnownOrAll(reader, "operation", operations);
            bool any = false;
            foreach (MappingEntry entry in reader.Entries)
            {
                SloRule? rule = entry.Key == "errors"
                    ? BindErrors(reader, phase, operation)
                    : MappingReader.PercentileKey().IsMatch(entry.Key) ? BindPercentile(reader, entry.Key, phase, operation, deadlineNs) : null;
                any |= entry.Key == "errors" || MappingReader.PercentileKey().IsMatch(entry.Key) || Shape.NotYet.Contains(entry.Key);
                if (rule is not null)
                {
                    rules.Add(rule);
                }
            }

            if (!any)
            {
                errors.Add(new ProfileError(item.Line, item.Column, $"slo[{index}]", "has no limit; add one like p99.9: \"<= 200ms\" or errors: \"<= 0.1%\""));
            }
        }

        return rules;
    }

    internal static string KnownOrAll(MappingReader reader, string key, IReadOnlyCollection<string> known)
    {
        string name = reader.Text(key) ?? "*";
        if (name != "*" && known.Count > 0 && !known.Contains(name))
        {
            reader.Report(key, $"there is no {key} '{name}'; there are {string.Join(", ", known)}{Suggestion.DidYouMean(name, known)}");
        }

        return name;
    }

    private static SloRule? BindErrors(MappingReader reader, string phase, string operation)
    {
        string? limit = Limit(reader, "errors", "\"<= 0.1%\"");
        if (limit is null)
        {
            return null;
        }

        if (!Units.TryPercent(limit, out double budget) || budget is <= 0 or >= 1)
        {
            reader.Report("errors", $"'{limit}' is not a share between 0% and 100%; write it like \"<= 0.1%\"");
            return null;
        }

        return new SloRule(phase, operation, budget, null, $"errors <= {limit}");
    }

    private static SloRule? BindPercentile(MappingReader reader, string key, string phase, string operation, long deadlineNs)
    {
        // The budget from the digits themselves: 1 − 0.999 in binary is not 0.001.
        decimal percentile = decimal.Parse(key[1..], CultureInfo.InvariantCulture);
        if (percentile <= 0)
        {
            reader.Report(key, "must be above p0");
            return null;
        }

        string? limit = Limit(reader, key, "\"<= 200ms\"");
        if (limit is null)
        {
            return null;
        }

        if (!Units.TryDuration(limit, out long thresholdNs) || thresholdNs <= 0)
        {
            reader.Report(key, $"'{limit}' is not a duration; write it like \"<= 200ms\"");
            return null;
        }

        if (thresholdNs > deadlineNs)
        {
            reader.Report(key, $"{limit} is above the deadline of {Units.Duration(deadlineNs)}: calls end there, so the percentile could not be told; raise client.deadline");
            return null;
        }

        return new SloRule(phase, operation, (double)((100 - percentile) / 100), thresholdNs, $"{key} <= {limit}");
    }

    private static string? Limit(MappingReader reader, string key, string example)
    {
        if (reader.Scalar(key) is not { } text)
        {
            return null;
        }

        if (!text.StartsWith(AtMost, StringComparison.Ordinal))
        {
            reader.Report(key, $"'{text}' is not a limit; write it like {example}");
            return null;
        }

        return text[AtMost.Length..].Trim();
    }
}
