using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SpikeBench.Core.Profiles.NBomber;

/// <summary>
/// Reads an NBomber config (4.0 to 6.7, whose simulations are written alike) into a profile, and warns where such configs are known
/// not to mean what they seem to.
/// </summary>
public static class NBomberReader
{
    private const int DefaultMaxFailCount = 5000;

    /// <summary>Reads one scenario.</summary>
    /// <param name="text">The config's JSON.</param>
    /// <param name="scenario">Which scenario; null where there is only one.</param>
    /// <exception cref="UsageException">The text is no NBomber config, or has no such scenario.</exception>
    public static NBomberImport Read(string text, string? scenario)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new UsageException($"line {e.LineNumber + 1}: is not JSON as NBomber reads it (no comments, no trailing commas): {e.Message.Split(" Path:")[0]}");
        }

        using (document)
        {
            return new Reading().Read(document.RootElement, scenario);
        }
    }

    private sealed class Reading
    {
        private readonly List<string> _warnings = [];
        private readonly StringBuilder _steps = new();
        private double _peak;
        private (long Rate, long IntervalNs)? _previous;

        public NBomberImport Read(JsonElement root, string? wanted)
        {
            JsonElement scenario = Choose(root, wanted);
            string name = scenario.GetProperty("ScenarioName").GetString()!;
            if (!scenario.TryGetProperty("LoadSimulationsSettings", out JsonElement simulations) || simulations.ValueKind != JsonValueKind.Array || simulations.GetArrayLength() == 0)
            {
                throw new UsageException($"scenario '{name}' has no LoadSimulationsSettings: its load is in code, and NBomber would run KeepConstant(1, 1 min) without it");
            }

            int index = 0;
            foreach (JsonElement simulation in simulations.EnumerateArray())
            {
                Add(simulation, $"LoadSimulationsSettings[{index++}]");
            }

            WarnOf(scenario, name);
            return new NBomberImport(Yaml(name), _warnings);
        }

        private static JsonElement Choose(JsonElement root, string? wanted)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("GlobalSettings", out JsonElement settings) || settings.ValueKind != JsonValueKind.Object
                || !settings.TryGetProperty("ScenariosSettings", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            {
                throw new UsageException("is no NBomber config: GlobalSettings.ScenariosSettings is missing (names are case-sensitive)");
            }

            List<JsonElement> scenarios = [.. list.EnumerateArray()];
            List<string> names = [.. scenarios.Select(s => s.ValueKind == JsonValueKind.Object && s.TryGetProperty("ScenarioName", out JsonElement n) && n.ValueKind == JsonValueKind.String
                ? n.GetString()!
                : throw new UsageException("a scenario has no ScenarioName"))];
            if (names.Distinct().Count() != names.Count)
            {
                throw new UsageException($"ScenarioName '{names.GroupBy(n => n).First(g => g.Count() > 1).Key}' is there twice; NBomber refuses that too");
            }

            if (wanted is null && names.Count > 1)
            {
                throw new UsageException($"has {names.Count} scenarios; choose one with --scenario: {string.Join(", ", names)}");
            }

            int at = wanted is null ? 0 : names.IndexOf(wanted);
            return at >= 0 ? scenarios[at] : throw new UsageException($"has no scenario '{wanted}'; there are {string.Join(", ", names)}{Suggestion.DidYouMean(wanted!, names)}");
        }

        private void Add(JsonElement simulation, string where)
        {
            List<JsonProperty> keys = simulation.ValueKind == JsonValueKind.Object ? [.. simulation.EnumerateObject()] : [];
            if (keys.Count != 1)
            {
                throw new UsageException($"{where}: must be one object with one key, like {{ \"Inject\": [50, \"00:00:01\", \"00:00:30\"] }}");
            }

            (string kind, JsonElement value) = (keys[0].Name, keys[0].Value);
            where = $"{where}.{kind}";
            switch (kind)
            {
                case "Inject" or "RampingInject":
                {
                    JsonElement[] a = Arguments(value, 3, where, "rate, interval, during");
                    long rate = Whole(a[0], where);
                    (long interval, long during) = Times(a[1], a[2], where);
                    if (kind == "RampingInject" && _previous is { } previous && previous.IntervalNs != interval)
                    {
                        _warnings.Add($"{where}: NBomber starts this ramp at the number before, {previous.Rate}, per {NBomberWriter.Duration(interval)} whatever its interval was; this profile starts at the rate before. 'arrivals: nbomber-4' plays NBomber's");
                    }

                    Step(kind == "Inject" ? "inject" : "ramping_inject", $"rate: {rate}, interval: {Text(interval)}, during: {Text(during)}");
                    Seen(rate, interval);
                    break;
                }

                case "InjectRandom":
                {
                    JsonElement[] a = Arguments(value, 4, where, "minRate, maxRate, interval, during");
                    (long min, long max) = (Whole(a[0], where), Whole(a[1], where));
                    (long interval, long during) = Times(a[2], a[3], where);
                    if (min >= max)
                    {
                        throw new UsageException($"{where}: the least rate, {min}, must be below the most, {max}");
                    }

                    Step("inject_random", $"min_rate: {min}, max_rate: {max - 1}, interval: {Text(interval)}, during: {Text(during)}");
                    Seen(max, interval);
                    break;
                }

                case "IterationsForInject":
                {
                    JsonElement[] a = Arguments(value, 3, where, "rate, interval, iterations");
                    (long rate, long interval) = (Whole(a[0], where), Time(a[1], where));
                    Step("iterations_for_inject", $"rate: {rate}, interval: {Text(interval)}, iterations: {Whole(a[2], where)}");
                    Seen(rate, interval);
                    break;
                }

                case "KeepConstant" or "RampingConstant":
                {
                    JsonElement[] a = Arguments(value, 2, where, "copies, during");
                    Step(kind == "KeepConstant" ? "keep_constant" : "ramping_constant", $"copies: {Whole(a[0], where)}, during: {Text(Time(a[1], where))}");
                    break;
                }

                case "IterationsForConstant":
                {
                    JsonElement[] a = Arguments(value, 2, where, "copies, iterations");
                    Step("iterations_for_constant", $"copies: {Whole(a[0], where)}, iterations: {Whole(a[1], where)}");
                    break;
                }

                case "Pause":
                    if (value.ValueKind != JsonValueKind.String)
                    {
                        throw new UsageException($"{where}: is a duration alone, not a list: {{ \"Pause\": \"00:00:10\" }}");
                    }

                    Step("pause", $"during: {Text(Time(value, where))}");
                    _previous = null;
                    break;
                default:
                    string[] kinds = ["Inject", "RampingInject", "InjectRandom", "IterationsForInject", "KeepConstant", "RampingConstant", "IterationsForConstant", "Pause"];
                    string? other = kinds.FirstOrDefault(k => k.Equals(kind, StringComparison.OrdinalIgnoreCase));
                    throw new UsageException($"{where}: is no simulation{(other is null ? Suggestion.DidYouMean(kind, kinds) : $"; NBomber's names are case-sensitive: '{other}'")}");
            }
        }

        private void WarnOf(JsonElement scenario, string name)
        {
            bool given = scenario.TryGetProperty("MaxFailCount", out JsonElement max) && max.ValueKind == JsonValueKind.Number;
            long fails = given && max.TryGetInt64(out long n) ? n : DefaultMaxFailCount;
            if (fails < int.MaxValue)
            {
                _warnings.Add($"MaxFailCount {(given ? "is" : "is missing, which means")} {fails}: NBomber ends the test at so many failures, at a spike within a fraction of a second; a profile has no such stop and offers its load to the end");
            }

            if (!scenario.TryGetProperty("WarmUpDuration", out _))
            {
                _warnings.Add($"WarmUpDuration is missing, which means none, even if the code of '{name}' sets one; a run here always warms up and counts none of it");
            }

            if (scenario.TryGetProperty("ThresholdSettings", out JsonElement thresholds) && thresholds.ValueKind == JsonValueKind.Array && thresholds.GetArrayLength() > 0)
            {
                _warnings.Add("ThresholdSettings are not carried over: they are checked on means of 5 s; write the slo that you mean");
            }
        }

        private string Yaml(string scenario)
        {
            string slug = new([.. scenario.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')]);
            double reference = _peak > 0 ? _peak : 1;
            _warnings.Add("the operation, the SLO and what 1x means are placeholders: an NBomber config does not say them");
            return string.Create(CultureInfo.InvariantCulture, $$"""
                name: {{slug}}
                about: "Imported from the NBomber scenario '{{scenario.Replace('"', '\'').Replace('\\', '/')}}'."
                reference: {rate: {{reference:0.######}}/s, window: 1s, what: "the scenario's highest rate"}
                arrivals: uniform
                load:
                {{_steps.ToString().TrimEnd('\n')}}
                operations:
                  - {name: send, call: spikebench.messenger.v1.Messenger/Send, payload: {room: "${zipf 1000 1.1}", text: "${greeting}"} }
                slo:
                  - {phase: "*", errors: "<= 0.1%"}

                """);
        }

        private void Seen(long rate, long intervalNs)
        {
            _previous = (rate, intervalNs);
            _peak = Math.Max(_peak, rate / (intervalNs / 1e9));
        }

        private void Step(string kind, string arguments) => _steps.Append("  - ").Append(kind).Append(": {").Append(arguments).Append("}\n");

        private static JsonElement[] Arguments(JsonElement value, int count, string where, string names) =>
            value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == count
                ? [.. value.EnumerateArray()]
                : throw new UsageException($"{where}: must be [{names}]");

        private long Whole(JsonElement value, string where)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || number is < 0 or > int.MaxValue)
            {
                throw new UsageException($"{where}: {value.GetRawText()} must be a whole number, 0 to {int.MaxValue}");
            }

            if (number != Math.Floor(number))
            {
                _warnings.Add($"{where}: NBomber silently cuts {value.GetRawText()} to {Math.Floor(number)}, and so does this profile");
            }

            return (long)number;
        }

        private (long IntervalNs, long DuringNs) Times(JsonElement interval, JsonElement during, string where)
        {
            (long intervalNs, long duringNs) = (Time(interval, where), Time(during, where));
            if (intervalNs <= duringNs)
            {
                return (intervalNs, duringNs);
            }

            _warnings.Add($"{where}: the interval, {NBomberWriter.Duration(intervalNs)}, is longer than the whole step, {NBomberWriter.Duration(duringNs)}; NBomber refuses that, and the order is rate, interval, during: read as swapped");
            return (duringNs, intervalNs);
        }

        private long Time(JsonElement value, string where)
        {
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) || time <= TimeSpan.Zero || time > TimeSpan.FromDays(1000))
            {
                throw new UsageException($"{where}: {value.GetRawText()} is not a duration above 0; write it like \"00:00:30\"");
            }

            if (time >= TimeSpan.FromDays(1) && !text.Contains('.', StringComparison.Ordinal))
            {
                _warnings.Add($"{where}: \"{text}\" is {time.Days} days to NBomber, and here; {(text.Contains(':', StringComparison.Ordinal) ? "hours go up to 23" : "seconds are \"00:00:" + text.PadLeft(2, '0') + "\"")}");
            }

            return time.Ticks * TimeSpan.NanosecondsPerTick;
        }

        /// <summary>A duration in the profile's units, without loss.</summary>
        private static string Text(long ns) => ns % 3_600_000_000_000 == 0 ? $"{ns / 3_600_000_000_000}h"
            : ns % 1_000_000_000 == 0 ? $"{ns / 1_000_000_000}s"
            : ns % 1_000_000 == 0 ? $"{ns / 1_000_000}ms"
            : $"{ns}ns";
    }
}
