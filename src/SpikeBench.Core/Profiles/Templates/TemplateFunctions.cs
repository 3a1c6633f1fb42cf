using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>Reads what stands between <c>${</c> and <c>}</c>.</summary>
internal static class TemplateFunctions
{
    private const int MostBytes = 4 * 1024 * 1024; // what gRPC servers take at the most unless told otherwise
    private const int MostRanks = 10_000_000;

    /// <summary>Ten digits hold ten thousand million calls.</summary>
    private const int SequenceDigits = 10;

    // A place is found again in the encoded message by a random text of its width: three characters would be found by chance.
    private const int FewestSequenceDigits = 4;
    private const int MostSequenceDigits = 18;

    /// <summary>Each function by name, with an example that reads.</summary>
    private static readonly (string Name, string Example)[] Functions =
    [
        ("seq", "${seq} or ${seq 6}"), ("uuid", "${uuid}"), ("now", "${now}, ${now s}, ${now ms}, ${now us} or ${now ns}"),
        ("pick", "${pick red,green}"), ("uniform", "${uniform 1 100} or ${uniform 0.50 9.99}"), ("zipf", "${zipf 10000 1.1}"),
        ("lognormal", "${lognormal 200 0.8}: the median and the deviation of the logarithm"), ("csv", "${csv users.csv name}"), ("env", "${env NAME}"),
        ("bytes", "${bytes 64}"), ("greeting", "${greeting}"), ("run", "${run}"),
    ];

    private static readonly string[] Names = [.. Functions.Select(f => f.Name)];

    private static readonly Dictionary<string, TimeUnit> TimeUnits = new()
    {
        ["s"] = TimeUnit.Seconds,
        ["ms"] = TimeUnit.Milliseconds,
        ["us"] = TimeUnit.Microseconds,
        ["ns"] = TimeUnit.Nanoseconds,
    };

    /// <summary>Reads one place.</summary>
    public static bool TryRead(string place, [NotNullWhen(true)] out TemplatePart? part, [NotNullWhen(false)] out string? error)
    {
        string[] words = place.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string name = words.Length == 0 ? "" : words[0];
        string[] given = words.Length == 0 ? [] : words[1..];
        part = name switch
        {
            "seq" => Sequence(given),
            "uuid" when given.Length == 0 => new UuidPart(),
            "now" => Now(given),
            "pick" when given.Length > 0 => Pick(place),
            "uniform" => Uniform(given),
            "zipf" => Zipf(given),
            "lognormal" => Lognormal(given),
            "csv" when given.Length > 1 => new CsvPart(given[0], string.Join(' ', given[1..])),
            "env" when given.Length == 1 => new EnvPart(given[0]),
            "bytes" when given.Length == 1 && TryCount(given[0], MostBytes, out int count) => new BytesPart(count),
            "greeting" when given.Length == 0 => new GreetingPart(),
            "run" when given.Length == 0 => new RunPart(),
            _ => null,
        };
        error = part is not null ? null : Complaint(place, name);
        return part is not null;
    }

    private static string Complaint(string place, string name)
    {
        string? example = Functions.FirstOrDefault(f => f.Name == name).Example;
        return example is not null
            ? $"'${{{place}}}' does not read; write {example}"
            : $"there is no template '{name}'; there are {string.Join(", ", Names)}{Suggestion.DidYouMean(name, Names)} (text of your own is written $${{…}})";
    }

    private static SequencePart? Sequence(string[] given) => given switch
    {
        [] => new SequencePart(SequenceDigits),
        [{ } digits] when TryCount(digits, MostSequenceDigits, out int count) && count >= FewestSequenceDigits => new SequencePart(count),
        _ => null,
    };

    private static NowPart? Now(string[] given) => given switch
    {
        [] => new NowPart(null),
        [{ } unit] when TimeUnits.TryGetValue(unit, out TimeUnit known) => new NowPart(known),
        _ => null,
    };

    private static PickPart Pick(string place) =>
        new(place[(place.IndexOf("pick", StringComparison.Ordinal) + "pick".Length)..].Split(',', StringSplitOptions.TrimEntries));

    private static UniformPart? Uniform(string[] given)
    {
        if (given is not [{ } least, { } most] || !TryDecimal(least, out decimal from) || !TryDecimal(most, out decimal to) || from > to)
        {
            return null;
        }

        int decimals = Math.Max(from.Scale, to.Scale);
        decimal unit = (decimal)Math.Pow(10, decimals);
        return decimals <= 9 && Math.Abs(from) * unit <= long.MaxValue / 2 && Math.Abs(to) * unit <= long.MaxValue / 2
            ? new UniformPart((long)(from * unit), (long)(to * unit), decimals)
            : null;
    }

    private static ZipfPart? Zipf(string[] given) =>
        given is [{ } ranks, { } power] && TryCount(ranks, MostRanks, out int count) && Units.TryNumber(power, out double exponent) && exponent is >= 0 and <= 10
            ? new ZipfPart(count, exponent)
            : null;

    private static LognormalPart? Lognormal(string[] given) =>
        given is [{ } middle, { } deviation] && Units.TryNumber(middle, out double median) && median is > 0 and <= 1e12
            && Units.TryNumber(deviation, out double sigma) && sigma is >= 0 and <= 10
            ? new LognormalPart(median, sigma)
            : null;

    private static bool TryCount(string text, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most;

    private static bool TryDecimal(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);
}
