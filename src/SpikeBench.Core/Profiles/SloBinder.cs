using System.Globalization;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds SLO rules: each limit of each item becomes one rule.</summary>
internal sealed class SloBinder(List<ProfileError> errors)
{
    private const string AtMost = "<=";
    private static readonly FormatShape Shape = ProfileFormat.Root.Keys.First(k => k.Name == "slo").Child!;

    private const long DefaultClearForNs = 30_000_000_000;

    private readonly List<(RecoveryRule Rule, MappingReader Reader)> _recoveries = [];

    /// <summary>The recovery rules that <see cref="Bind"/> met.</summary>
    public IReadOnlyList<RecoveryRule> Recoveries => [.. _recoveries.Select(r => r.Rule)];

    public IReadOnlyList<SloRule> Bind(MappingReader root, IReadOnlyCollection<string> phases, IReadOnlyCollection<string> operations, long deadlineNs)
    {
        var rules = new List<SloRule>();
        foreach ((ProfileNode item, int index) in root.List("slo").Select((n, i) => (n, i)))
        {
            if (MappingReader.Open(item, Shape, $"slo[{index}]", errors) is not { } reader)
            {
                continue;
            }

            if (reader.Has("recovers"))
            {
                BindRecovery(reader, phases);
                continue;
            }

            string phase = KnownOrAll(reader, "phase", "phase", phases);
            string operation = KnownOrAll(reader, "operation", "operation", operations);
            bool any = false;
            foreach (MappingEntry entry in reader.Entries)
            {
                SloRule? rule = entry.Key == "errors"
                    ? BindErrors(reader, phase, operation)
                    : MappingReader.PercentileKey().IsMatch(entry.Key) ? BindPercentile(reader, entry.Key, phase, operation, deadlineNs) : null;
                any |= entry.Key == "errors" || MappingReader.PercentileKey().IsMatch(entry.Key);
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

    /// <summary>A recovery that the plan ends too early to show is a mistake of the profile, whatever the target does.</summary>
    public void CheckObservable(Profile profile)
    {
        if (_recoveries.Count > 0)
        {
            CheckObservable(ProfileCompiler.Compile(profile, 1, profile.Seed).Phases, profile.Compress, profile.Slo);
        }
    }

    /// <summary>The same for rules that a plan is there for already.</summary>
    /// <param name="phases">The plan's, in its own, compressed time.</param>
    /// <param name="compress">κ: how much shorter the plan is than what the rules speak of.</param>
    /// <param name="slo">What there is to recover to.</param>
    public void CheckObservable(IReadOnlyList<Schedule.Phase> phases, double compress, IReadOnlyList<SloRule> slo)
    {
        foreach ((RecoveryRule rule, MappingReader reader) in _recoveries)
        {
            if (phases.FirstOrDefault(p => p.Name == rule.Of) is not { } of)
            {
                reader.Report("of", $"phase {rule.Of} has no length, so there is nothing to recover from");
                continue;
            }

            long afterNs = (long)((phases[^1].EndNs - of.EndNs) * compress);
            if (afterNs + 1_000 * compress < rule.WithinNs + rule.ClearForNs)
            {
                reader.Report("within", $"cannot be observed: the load ends {Units.Duration(afterNs)} after {rule.Of}, and a recovery within {Units.Duration(rule.WithinNs)} "
                    + $"that stays clear for {Units.Duration(rule.ClearForNs)} takes {Units.Duration(rule.WithinNs + rule.ClearForNs)} to show; lengthen the load after it, or ask for less");
            }

            if (!slo.Any(s => s.Phase == "*" || s.Phase == rule.Of))
            {
                reader.Report("of", $"no other SLO is about {rule.Of}, so there is nothing to recover to; add one for that phase");
            }
        }
    }

    private void BindRecovery(MappingReader item, IReadOnlyCollection<string> phases)
    {
        if (item.Entries.FirstOrDefault(e => e.Key != "recovers") is { } other)
        {
            item.Report(other.Key, "does not go with recovers, which names its own phase; give it an item of its own");
        }

        if (item.Object("recovers", Shape.Keys.First(k => k.Name == "recovers").Child!) is not { } reader)
        {
            return;
        }

        string of = KnownOrAll(reader, "of", "phase", phases);
        long withinNs = reader.Duration("within", 0);
        long clearForNs = reader.Duration("clear_for", DefaultClearForNs);
        if (reader.Has("of") && reader.Has("within") && (of != "*" || phases.Count == 0))
        {
            _recoveries.Add((new RecoveryRule(withinNs, clearForNs, of, $"recovers within {Units.Duration(withinNs)} of {of}"), reader));
        }
        else if (of == "*" && reader.Has("of"))
        {
            reader.Report("of", "must name one phase");
        }
    }

    internal static string KnownOrAll(MappingReader reader, string key, string what, IReadOnlyCollection<string> known)
    {
        string name = reader.Text(key) ?? "*";
        if (name != "*" && known.Count > 0 && !known.Contains(name))
        {
            reader.Report(key, $"there is no {what} '{name}'; there are {string.Join(", ", known)}{Suggestion.DidYouMean(name, known)}");
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
            reader.Report("errors", $"'{limit}' is not a share above 0% and below 100%; write it like \"<= 0.1%\"");
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
