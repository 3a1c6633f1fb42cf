using System.Text;
using SpikeBench.Cli;

namespace SpikeBench.Tests.Cli;

/// <summary>Profiles that are wrong in every way a file can be: one clear complaint, exit 64, and never a stack trace or a hang.</summary>
public sealed class BadProfileTests : IDisposable
{
    private const string Good = """
        name: good
        reference: {rate: 100/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 10s, phase: all}
        operations:
          - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
        slo:
          - {phase: all, errors: "<= 0.1%"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_profile_that_all_are_variants_of_is_valid() => (await ValidateAsync(Good)).ShouldBe((ExitCodes.Pass, ""));

    [Fact]
    public async Task Five_mistakes_are_five_lines()
    {
        (int code, string error) = await ValidateAsync(Good
            .Replace("name: good", "nmae: good", StringComparison.Ordinal)
            .Replace("100/s", "100", StringComparison.Ordinal)
            .Replace("10s", "10", StringComparison.Ordinal)
            .Replace("weight: 1", "weight: 0", StringComparison.Ordinal)
            .Replace("0.1%", "1000%", StringComparison.Ordinal));
        code.ShouldBe(ExitCodes.Usage);
        string[] lines = error.TrimEnd().Split('\n');
        lines.Length.ShouldBeGreaterThanOrEqualTo(5, error);
        lines.ShouldAllBe(line => line.StartsWith(Path.Combine(_folder, "profile.yaml") + "(", StringComparison.Ordinal));
        foreach (string what in new[] { "did you mean 'name'", "'100' is not a rate", "'10' is not a duration", "weight", "1000%" })
        {
            error.ShouldContain(what);
        }
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("   \n\n# only a comment\n", "is empty")]
    [InlineData("[]", "expected keys and values")]
    [InlineData("just words", "expected keys and values")]
    [InlineData("a: &x {b: 1}\nc: *x\n", "anchors and aliases are not supported")]
    [InlineData("&a [*a]", "anchors and aliases are not supported")]
    [InlineData("name: x\n---\nname: y\n", "a second document begins here")]
    [InlineData("name: {unclosed", "is not YAML")]
    [InlineData("a:\n  - {b: c,\nd: {e: 1}}\n", "is not YAML")]
    [InlineData("a:\n\t- b: 1\n", "profile.yaml(2,1): is not YAML")]
    [InlineData("# tab:\there\na:\n  b: 1\n \tc: 2\n", "profile.yaml(4,2): is not YAML")]
    [InlineData("name: a\nname: b\n", "name")]
    public async Task Odd_YAML_is_one_clear_complaint(string text, string expected)
    {
        (int code, string error) = await ValidateAsync(text);
        code.ShouldBe(ExitCodes.Usage, error);
        error.ShouldContain(expected);
        error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Nesting_without_end_is_refused()
    {
        (int code, string error) = await ValidateAsync("a: " + new string('[', 10_000));
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("levels deep");
    }

    [Theory]
    [InlineData(new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2 }, "is not text: there is a byte 0x00")]
    [InlineData(new byte[] { 0xff, 0xd8, 0xff, 0xe0 }, "is not text: a profile is YAML in UTF-8")]
    public async Task Binary_files_are_not_read_as_text(byte[] bytes, string expected)
    {
        string path = Path.Combine(_folder, "profile.yaml");
        await File.WriteAllBytesAsync(path, bytes);
        (int code, string error) = await RunAsync("validate", path);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain(expected);
    }

    [Fact]
    public async Task A_byte_order_mark_is_not_a_mistake()
    {
        string path = Path.Combine(_folder, "profile.yaml");
        await File.WriteAllTextAsync(path, Good, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        (await RunAsync("validate", path)).Code.ShouldBe(ExitCodes.Pass);
    }

    [Fact]
    public async Task A_hundred_megabytes_are_refused_unread()
    {
        string path = Path.Combine(_folder, "huge.yaml");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(100_000_000); // a hole: it takes no room
        }

        (int code, string error) = await RunAsync("validate", path);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldBe($"spikebench: {path}: has more than 4 MB; a profile is a few kB of text\n");
    }

    [Fact]
    public async Task A_device_without_end_is_refused()
    {
        if (File.Exists("/dev/zero"))
        {
            (int code, string error) = await RunAsync("validate", "/dev/zero");
            code.ShouldBe(ExitCodes.Usage);
            error.ShouldContain("has more than 4 MB");
        }
    }

    [Fact]
    public async Task A_folder_is_not_a_profile()
    {
        (int code, string error) = await RunAsync("validate", _folder);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldBe($"spikebench: {_folder}: is a folder; give a profile's file\n");
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_says_so()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            return; // who may read everything cannot be refused
        }

        string path = Path.Combine(_folder, "secret.yaml");
        await File.WriteAllTextAsync(path, Good);
        File.SetUnixFileMode(path, UnixFileMode.None);
        (int code, string error) = await RunAsync("validate", path);
        code.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("cannot be read");
    }

    [Theory]
    [InlineData("100/s", "0/s")]
    [InlineData("100/s", "-1/s")]
    [InlineData("100/s", "1e3/s")]
    [InlineData("100/s", "NaN/s")]
    [InlineData("100/s", "1/year")]
    [InlineData("100/s", "99999999999999999999999999999999999999k/s")]
    [InlineData("100/s", "1,000/s")]
    [InlineData("1x", "-1x")]
    [InlineData("10s", "0s")]
    [InlineData("10s", "-5s")]
    [InlineData("10s", "10 parsecs")]
    [InlineData("10s", "99999999999h")]
    [InlineData("0.1%", "-1%")]
    [InlineData("0.1%", "0.1")]
    public async Task Numbers_and_units_at_the_edges_are_complaints_with_a_place(string good, string bad)
    {
        (int code, string error) = await ValidateAsync(Good.Replace(good, bad, StringComparison.Ordinal));
        code.ShouldBe(ExitCodes.Usage, error);
        error.ShouldMatch(@"profile\.yaml\(\d+,\d+\): ");
        error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("100/s", "900M/s", "calls are planned, at most 1,000,000,000 fit into one run")]
    [InlineData("10s", "20000h", "at most")]
    [InlineData("100/s, window: 1s, what: \"test\"}\nload:\n  - hold: {rate: 1x, for: 10s", "1/h, window: 1s, what: \"test\"}\nload:\n  - hold: {rate: 1x, for: 9000h", "MB of memory")]
    public async Task A_load_that_no_run_can_hold_is_refused_before_it_is_counted(string good, string bad, string expected)
    {
        (int code, string error) = await ValidateAsync(Good.Replace(good, bad, StringComparison.Ordinal));
        code.ShouldBe(ExitCodes.Usage, error);
        error.ShouldStartWith("spikebench: load: ");
        error.ShouldContain(expected);
    }

    private async Task<(int Code, string Error)> ValidateAsync(string text)
    {
        string path = Path.Combine(_folder, "profile.yaml");
        await File.WriteAllTextAsync(path, text);
        return await RunAsync("validate", path);
    }

    private static async Task<(int Code, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = await SpikeBenchCommand.RunAsync(args, new Terminal(output, error), TimeProvider.System);
        return (code, error.ToString());
    }
}
