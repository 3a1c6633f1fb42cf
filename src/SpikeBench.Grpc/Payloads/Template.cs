using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// Text with <c>${…}</c> places that are filled when a payload pool is made.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>${seq}</c></term><description>the payload's number in its pool, from 0</description></item>
/// <item><term><c>${uniform A B}</c></term><description>a whole number from A to B</description></item>
/// <item><term><c>${zipf N S}</c></term><description>a whole number from 0 to N − 1, k with weight 1/(k+1)^S: few busy rooms, many quiet ones</description></item>
/// <item><term><c>${pick a,b,c}</c></term><description>one of the words</description></item>
/// <item><term><c>${greeting}</c></term><description>a New Year's greeting in Korean, Japanese, Thai, Chinese or English</description></item>
/// </list>
/// </remarks>
internal sealed class Template
{
    private static readonly string[] Functions = ["seq", "uniform", "zipf", "pick", "greeting"];

    private static readonly string[] Greetings =
    [
        "새해 복 많이 받으세요!", "올 한 해도 건강하고 행복하세요.", "새해에는 좋은 일만 가득하길 바랍니다.", "Happy New Year!",
        "Wishing you and your family a wonderful new year.", "あけましておめでとうございます。", "今年もよろしくお願いします。", "สวัสดีปีใหม่", "新年快乐！",
    ];

    private readonly List<Func<int, TemplateDraws, string>> _parts = [];

    private Template()
    {
    }

    /// <summary>Fills the places for the payload of number <paramref name="index"/>.</summary>
    public string Render(int index, TemplateDraws draws)
    {
        var text = new StringBuilder();
        foreach (Func<int, TemplateDraws, string> part in _parts)
        {
            text.Append(part(index, draws));
        }

        return text.ToString();
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out string? error)
    {
        template = new Template();
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf("${", at, StringComparison.Ordinal);
            string literal = text[at..(open < 0 ? text.Length : open)];
            template._parts.Add((_, _) => literal);
            if (open < 0)
            {
                break;
            }

            int close = text.IndexOf('}', open);
            if (close < 0)
            {
                error = $"'{text[open..]}' lacks its closing brace";
                return false;
            }

            string place = text[(open + 2)..close];
            if (!template.TryAdd(place, out error))
            {
                return false;
            }

            at = close + 1;
        }

        error = null;
        return true;
    }

    private bool TryAdd(string place, [NotNullWhen(false)] out string? error)
    {
        string[] words = place.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string name = words.Length == 0 ? "" : words[0];
        error = null;
        switch (name)
        {
            case "seq" when words.Length == 1:
                _parts.Add((index, _) => index.ToString(CultureInfo.InvariantCulture));
                return true;
            case "greeting" when words.Length == 1:
                _parts.Add((_, draws) => Greetings[draws.Below(Greetings.Length)]);
                return true;
            case "pick" when words.Length > 1:
                string[] choices = place[(place.IndexOf("pick", StringComparison.Ordinal) + "pick".Length)..].Split(',', StringSplitOptions.TrimEntries);
                _parts.Add((_, draws) => choices[draws.Below(choices.Length)]);
                return true;
            case "uniform" when words.Length == 3 && TryWhole(words[1], out int from) && TryWhole(words[2], out int to) && from <= to && to - from < int.MaxValue:
                _parts.Add((_, draws) => (from + draws.Below(to - from + 1)).ToString(CultureInfo.InvariantCulture));
                return true;
            case "zipf" when words.Length == 3 && TryWhole(words[1], out int count) && count is > 0 and <= 10_000_000
                && Units.TryNumber(words[2], out double exponent) && exponent is >= 0 and <= 10:
                double[] cumulative = ZipfWeights(count, exponent);
                _parts.Add((_, draws) => Zipf(cumulative, draws.Unit()).ToString(CultureInfo.InvariantCulture));
                return true;
            default:
                error = Functions.Contains(name)
                    ? $"'${{{place}}}' does not read; write ${{seq}}, ${{uniform 1 100}}, ${{zipf 10000 1.1}}, ${{pick red,green}} or ${{greeting}}"
                    : $"there is no template '{name}'; there are {string.Join(", ", Functions)}{Suggestion.DidYouMean(name, Functions)}";
                return false;
        }
    }

    private static bool TryWhole(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static double[] ZipfWeights(int count, double exponent)
    {
        var cumulative = new double[count];
        double sum = 0;
        for (int k = 0; k < count; k++)
        {
            sum += Math.Pow(k + 1, -exponent);
            cumulative[k] = sum;
        }

        return cumulative;
    }

    private static int Zipf(double[] cumulative, double unit)
    {
        int found = Array.BinarySearch(cumulative, unit * cumulative[^1]);
        return Math.Min(found >= 0 ? found + 1 : ~found, cumulative.Length - 1);
    }
}

/// <summary>The random draws of one operation's payloads, in the order they are asked for.</summary>
internal sealed class TemplateDraws(ulong seed, int operation)
{
    private readonly CounterRandom _random = new(seed + (ulong)operation, CounterRandom.Stream.Templates);
    private long _drawn;

    public int Below(int count) => _random.Below(_drawn++, count);

    public double Unit() => _random.Unit(_drawn++);
}
