using System.Globalization;
using SpikeBench.Core.Profiles.Feeds;
using SpikeBench.Core.Profiles.Templates;

namespace SpikeBench.Tests.Profiles.Templates;

public sealed class TemplateTests
{
    private const int Draws = 20_000;

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("설날 福", "설날 福")]
    [InlineData("costs $5 {net}", "costs $5 {net}")]
    [InlineData("a literal $${seq}", "a literal ${seq}")]
    [InlineData("$${a}$${b} ${pick x}", "${a}${b} x")]
    [InlineData("${pick only} and ${pick  padded , padded}", "only and padded")]
    [InlineData("${pick 새해 복 많이 받으세요}", "새해 복 많이 받으세요")]
    [InlineData("${env WHO}!", "nobody!")]
    [InlineData("${run}", "midnight-7")]
    [InlineData("${csv users.csv name}", "은하")]
    [InlineData("${csv users.csv full name}", "김 은하")]
    public void Text_is_filled(string text, string expected) => Bind(text).Render(1, _ => "").ShouldBe(expected);

    [Theory]
    [InlineData("${seq", "'${seq' lacks its closing brace")]
    [InlineData("${}", "there is no template ''")]
    [InlineData("${greting}", "there is no template 'greting'; there are seq, uuid, now, pick, uniform, zipf, lognormal, csv, env, bytes, greeting, run; did you mean 'greeting'?")]
    [InlineData("${HOME}", "(text of your own is written $${…})")]
    [InlineData("${zipf 10}", "'${zipf 10}' does not read; write ${zipf 10000 1.1}")]
    [InlineData("${zipf 0 1}", "does not read")]
    [InlineData("${zipf 10 -1}", "does not read")]
    [InlineData("${uniform 9 1}", "does not read; write ${uniform 1 100} or ${uniform 0.50 9.99}")]
    [InlineData("${uniform 1}", "does not read")]
    [InlineData("${seq 3}", "does not read; write ${seq} or ${seq 6}")]
    [InlineData("${seq 19}", "does not read")]
    [InlineData("${now min}", "does not read; write ${now}, ${now s}")]
    [InlineData("${uuid 4}", "does not read; write ${uuid}")]
    [InlineData("${pick}", "does not read")]
    [InlineData("${csv users.csv}", "does not read; write ${csv users.csv name}")]
    [InlineData("${env}", "does not read")]
    [InlineData("${bytes 0}", "does not read")]
    [InlineData("${bytes 99999999}", "does not read")]
    [InlineData("${lognormal 0 1}", "does not read")]
    public void A_template_that_does_not_read_says_how_to_write_it(string text, string expected)
    {
        Template.TryParse(text, out _, out string? error).ShouldBeFalse();
        error.ShouldContain(expected);
    }

    [Theory]
    [InlineData("${csv users.csv nmae}", "users.csv has no column 'nmae'; it has name, full name; did you mean 'name'?")]
    [InlineData("${csv others.csv name}", "the file 'others.csv' was not read")]
    [InlineData("${env WHAT}", "the environment has no variable 'WHAT'; set it before the run")]
    public void A_scope_that_lacks_something_says_what(string text, string expected) =>
        Should.Throw<TemplateException>(() => Bind(text)).Message.ShouldBe(expected);

    [Fact]
    public void Draws_are_a_function_of_seed_place_and_number()
    {
        BoundTemplate first = Bind("${uniform 1 1000000} ${uniform 1 1000000}");
        BoundTemplate second = Bind("${uniform 1 1000000} ${uniform 1 1000000}");
        string seventh = second.Render(7, _ => "");
        first.Render(3, _ => "").ShouldBe(second.Render(3, _ => ""));
        first.Render(7, _ => "").ShouldBe(seventh, "whatever was drawn before");
        seventh.Split(' ').Distinct().Count().ShouldBe(2);
        Bind("${uniform 1 1000000}", seed: 2).Render(7, _ => "").ShouldNotBe(seventh.Split(' ')[0]);
    }

    [Theory]
    [InlineData("${uniform 1 6}", 1, 6, 3.5, 0.05)]
    [InlineData("${uniform -5 5}", -5, 5, 0, 0.1)]
    [InlineData("${uniform 0.50 1.5}", 0.5, 1.5, 1, 0.01)]
    [InlineData("${zipf 10 0}", 0, 9, 4.5, 0.1)]
    public void Numbers_stay_in_their_range_and_have_their_mean(string text, double least, double most, double mean, double within)
    {
        double[] values = Values(text);
        values.Min().ShouldBe(least);
        values.Max().ShouldBe(most);
        values.Average().ShouldBe(mean, within);
    }

    [Fact]
    public void Uniform_has_the_decimals_that_it_was_written_with() =>
        Enumerable.Range(0, 100).Select(i => Bind("${uniform -0.50 0.5}").Render(i, _ => "")).ShouldAllBe(t => t.IndexOf('.', StringComparison.Ordinal) == t.Length - 3);

    [Fact]
    public void Zipf_prefers_low_numbers()
    {
        // Weight 1 of 1 + 2^-1.2 + … + 1000^-1.2 = 4.334.
        double share = Values("${zipf 1000 1.2}").Count(v => v == 0) / (double)Draws;
        share.ShouldBe(1 / 4.334, 0.015);
    }

    [Fact]
    public void Half_of_a_lognormal_is_below_its_median()
    {
        double[] values = Values("${lognormal 200 0.8}");
        (values.Count(v => v < 200) / (double)Draws).ShouldBe(0.5, 0.015);

        // One deviation above: 200·e^0.8 = 445, below which are 84.1 %.
        (values.Count(v => v < 445) / (double)Draws).ShouldBe(0.841, 0.012);
        Values("${lognormal 7 0}").ShouldAllBe(v => v == 7);
        Values("${lognormal 1000000000000 10}").ShouldAllBe(v => v >= 0, "no overflow");
    }

    [Fact]
    public void Random_text_has_its_length_and_differs()
    {
        BoundTemplate template = Bind("${bytes 24}");
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => template.Render(i, _ => ""))];
        texts.ShouldAllBe(t => t.Length == 24 && t.All(char.IsAsciiLetterOrDigit));
        texts.Distinct().Count().ShouldBe(100);
    }

    [Fact]
    public void Places_of_one_file_take_one_row()
    {
        BoundTemplate template = Bind("${csv users.csv name}=${csv users.csv full name}");
        template.Render(0, _ => "").ShouldBe("하늘=이 하늘");
        template.Render(1, _ => "").ShouldBe("은하=김 은하");
        template.Render(2, _ => "").ShouldBe("하늘=이 하늘", "from the first again");
    }

    private static double[] Values(string text)
    {
        BoundTemplate template = Bind(text);
        return [.. Enumerable.Range(0, Draws).Select(i => double.Parse(template.Render(i, _ => ""), CultureInfo.InvariantCulture))];
    }

    private static BoundTemplate Bind(string text, ulong seed = 1)
    {
        Template.TryParse(text, out Template? template, out string? error).ShouldBeTrue(error);
        var users = new CsvTable(["name", "full name"], [["하늘", "이 하늘"], ["은하", "김 은하"]]);
        return template!.Bind(new TemplateScope(seed)
        {
            Files = [new FeedFile("users.csv", "", 2) { Table = users }],
            Environment = name => name == "WHO" ? "nobody" : null,
            Run = static () => "midnight-7",
        });
    }
}
