using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>One piece of a <see cref="Template"/>: text as it stands, or a <c>${…}</c> place.</summary>
public abstract record TemplatePart
{
    /// <summary>It is another one in every call, not only in every message of a pool.</summary>
    public virtual bool IsPerCall => false;

    /// <summary>It may be another one in every message of a pool.</summary>
    public virtual bool IsDrawn => false;

    /// <summary>Makes the piece ready to render: draws its weights up, finds its file.</summary>
    /// <returns>Its text in the message of a number.</returns>
    /// <exception cref="TemplateException">The scope lacks what it needs.</exception>
    internal virtual Func<long, string> Bind(TemplateScope scope) => throw new InvariantException("A place that differs from call to call has no text of its own.");
}

/// <summary>Text as it stands.</summary>
public sealed record LiteralPart(string Text) : TemplatePart
{
    internal override Func<long, string> Bind(TemplateScope scope) => _ => Text;
}

/// <summary>The call's place in the plan, from 0.</summary>
/// <param name="Digits">How many digits it has in text, with zeros in front; it goes round at 10^Digits.</param>
public sealed record SequencePart(int Digits) : TemplatePart
{
    public override bool IsPerCall => true;
}

/// <summary>A UUID of version 4 from the seed and the call's place.</summary>
public sealed record UuidPart : TemplatePart
{
    public override bool IsPerCall => true;
}

/// <summary>The wall time at which the call is written out.</summary>
/// <param name="Unit">Null: RFC 3339 in text, milliseconds since 1970 in a number.</param>
public sealed record NowPart(TimeUnit? Unit) : TemplatePart
{
    public override bool IsPerCall => true;
}

/// <summary>What a whole number of time since 1970 counts.</summary>
public enum TimeUnit : byte
{
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// <summary>One of some words, each as likely.</summary>
public sealed record PickPart(IReadOnlyList<string> Words) : TemplatePart
{
    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        return number => Words[draws.Below(number, Words.Count)];
    }
}

/// <summary>A number between two, each as likely.</summary>
/// <param name="From">The least, in units of the last decimal.</param>
/// <param name="To">The most, in units of the last decimal.</param>
/// <param name="Decimals">Digits behind the point.</param>
public sealed record UniformPart(long From, long To, int Decimals) : TemplatePart
{
    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        ulong count = (ulong)(To - From) + 1;
        return number => Distributions.Decimal(From + (long)Math.BigMul(draws.Bits(number), count, out _), Decimals);
    }
}

/// <summary>A whole number from 0 to Count − 1, k with weight 1/(k+1)^Exponent.</summary>
public sealed record ZipfPart(int Count, double Exponent) : TemplatePart
{
    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        double[] cumulative = Distributions.ZipfWeights(Count, Exponent);
        return number => Distributions.Decimal(Distributions.Zipf(cumulative, draws.Unit(number)), 0);
    }
}

/// <summary>A whole number, log-normal around a median: half are below it, and its logarithm has the deviation σ.</summary>
public sealed record LognormalPart(double Median, double Sigma) : TemplatePart
{
    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        return number => Distributions.Decimal(Distributions.Lognormal(Median, Sigma, draws, number), 0);
    }
}

/// <summary>A New Year's greeting in Korean, Japanese, Thai, Chinese or English.</summary>
public sealed record GreetingPart : TemplatePart
{
    private static readonly string[] Greetings =
    [
        "새해 복 많이 받으세요!", "올 한 해도 건강하고 행복하세요.", "새해에는 좋은 일만 가득하길 바랍니다.", "Happy New Year!",
        "Wishing you and your family a wonderful new year.", "あけましておめでとうございます。", "今年もよろしくお願いします。", "สวัสดีปีใหม่", "新年快乐！",
    ];

    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        return number => Greetings[draws.Below(number, Greetings.Length)];
    }
}

/// <summary>A column of a CSV file; all places of one file take the same row.</summary>
public sealed record CsvPart(string File, string Column) : TemplatePart
{
    public override bool IsDrawn => true;

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CsvTable table = scope.TableOf(File) ?? throw new TemplateException($"the file '{File}' was not read");
        int column = table.IndexOf(Column);
        return column < 0 ? throw new TemplateException(Missing(table)) : number => table.Rows[(int)(number % table.Rows.Count)][column];
    }

    /// <summary>What to tell a user about a column that is not there.</summary>
    internal string Missing(CsvTable table) =>
        $"{File} has no column '{Column}'; it has {string.Join(", ", table.Header)}{Suggestion.DidYouMean(Column, table.Header)}";
}

/// <summary>A variable of the environment that the tool was started in.</summary>
public sealed record EnvPart(string Name) : TemplatePart
{
    internal override Func<long, string> Bind(TemplateScope scope)
    {
        string value = scope.Environment(Name) ?? throw new TemplateException($"the environment has no variable '{Name}'; set it before the run");
        return _ => value;
    }
}

/// <summary>The run's name: never the same in two runs, where <c>${seq}</c> and <c>${uuid}</c> are the same for the same seed.</summary>
public sealed record RunPart : TemplatePart
{
    internal override Func<long, string> Bind(TemplateScope scope) => _ => scope.Run();
}

/// <summary>Random bytes; in text, as many random letters and digits.</summary>
public sealed record BytesPart(int Count) : TemplatePart
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    public override bool IsDrawn => true;

    /// <summary>The bytes of the message of a number.</summary>
    public byte[] Draw(CounterRandom draws, long number)
    {
        var bytes = new byte[Count];
        for (int i = 0; i < Count; i++)
        {
            bytes[i] = (byte)draws.Bits(number * Count + i);
        }

        return bytes;
    }

    internal override Func<long, string> Bind(TemplateScope scope)
    {
        CounterRandom draws = scope.NextDraws();
        return number => string.Create(Count, (draws, number), (text, state) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[state.draws.Below(state.number * text.Length + i, Alphabet.Length)];
            }
        });
    }
}
