using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Tests.Target.Rpc;

public sealed class HeaderValueTests
{
    [Theory]
    [InlineData("1S", 1_000_000_000)]
    [InlineData("150m", 150_000_000)]
    [InlineData("99999999u", 99_999_999_000)]
    [InlineData("7n", 7)]
    [InlineData("2M", 120_000_000_000)]
    [InlineData("0m", 0)]
    [InlineData("99999999H", long.MaxValue)]
    public void Timeout_reads_digits_and_unit(string text, long expectedNs)
    {
        GrpcTimeout.TryParseNs(text, out long ns).ShouldBeTrue();
        ns.ShouldBe(expectedNs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("１S")]
    public void Timeout_that_is_none_is_refused(string text) => GrpcTimeout.TryParseNs(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("plain text ~!", "plain text ~!")]
    [InlineData("100%", "100%25")]
    [InlineData("\t\r\n", "%09%0D%0A")]
    [InlineData("☺", "%E2%98%BA")]
    public void Status_message_is_percent_encoded(string text, string encoded) => PercentText.Encode(text).ShouldBe(encoded);

    [Fact]
    public void Status_message_decodes_to_itself_for_any_text() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            // A lone surrogate is no text; it goes out as U+FFFD.
            string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? string.Empty));
            string encoded = PercentText.Encode(valid);
            encoded.ShouldAllBe(c => c >= ' ' && c <= '~');
            Uri.UnescapeDataString(encoded).ShouldBe(valid);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Binary_metadata_decodes_to_itself_with_padding_or_without() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), value =>
        {
            BinaryMetadata.Encode(value).ShouldNotContain('=');
            BinaryMetadata.TryDecode(BinaryMetadata.Encode(value) + ", " + Convert.ToBase64String(value), out byte[][] values).ShouldBeTrue();
            values.ShouldBe([value, value]);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("?")]
    [InlineData("abcde")]
    public void Binary_metadata_that_is_not_base64_is_refused(string text) => BinaryMetadata.TryDecode(text, out _).ShouldBeFalse();
}
