using System.Text.Json;
using SpikeBench.Core.Evidence;

namespace SpikeBench.Tests.Evidence;

public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8785, section 3.2.2 and appendix B: numbers as ECMAScript prints them.</summary>
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(-5e-324, "-5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(9007199254740992.0, "9007199254740992")]
    [InlineData(295147905179352830000.0, "295147905179352830000")]
    [InlineData(9.999999999999997e22, "9.999999999999997e+22")]
    [InlineData(1e23, "1e+23")]
    [InlineData(999999999999999900000.0, "999999999999999900000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(9.999999999999997e-7, "9.999999999999997e-7")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(333333333.3333332, "333333333.3333332")]
    [InlineData(-0.0000033333333333333333, "-0.0000033333333333333333")]
    [InlineData(1424953923781206.2, "1424953923781206.2")]
    [InlineData(4.5, "4.5")]
    [InlineData(0.002, "0.002")]
    [InlineData(100, "100")]
    public void Numbers_are_as_ecmascript_prints_them(double value, string expected) => CanonicalJson.Number(value).ShouldBe(expected);

    [Fact]
    public void Zero_has_no_sign() => CanonicalJson.Number(-0.0).ShouldBe("0");

    /// <summary>RFC 8785, section 3.2.2 and 3.2.3: the samples of strings and of sorting.</summary>
    [Fact]
    public void Keys_are_sorted_and_strings_have_the_fewest_escapes()
    {
        using JsonDocument document = JsonDocument.Parse("""
            { "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false], "\u20ac": 1, "\r": 2, "1": 3, "\ud83d\ude00": 4, "\ufb33": 5 }
            """);
        CanonicalJson.Of(document.RootElement).ShouldBe(
            """{"\r":2,"1":3,"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/","€":1,""" + "\"\ud83d\ude00\":4,\"\ufb33\":5}");
    }

    [Theory]
    [InlineData("""{"a":9007199254740993}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void What_has_no_one_spelling_is_refused(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Should.Throw<FormatException>(() => CanonicalJson.Of(document.RootElement));
    }
}
