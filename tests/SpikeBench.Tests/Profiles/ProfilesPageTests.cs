using System.Text.RegularExpressions;
using SpikeBench.Cli;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

/// <summary>The documentation of the format: every example on it is a profile, and every step is on it.</summary>
public sealed partial class ProfilesPageTests : IDisposable
{
    private static readonly string Docs = Path.Combine(Repository.Root, "docs");
    private static readonly string Page = File.ReadAllText(Path.Combine(Docs, "profiles.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, Example().Count(Page))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Every_example_is_valid(int index)
    {
        foreach (string folder in new[] { "traces", "feeds" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, folder));
            foreach (string file in Directory.GetFiles(Path.Combine(Docs, folder)))
            {
                File.Copy(file, Path.Combine(_folder, folder, Path.GetFileName(file)));
            }
        }

        string path = Path.Combine(_folder, "example.yaml");
        string example = Example().Matches(Page)[index].Groups[1].Value;
        string rest = example.StartsWith("operations:", StringComparison.Ordinal)
            ? "load: [{hold: {rate: 1x, for: 10s}}]"
            : "operations: [{name: send, call: spikebench.messenger.v1.Messenger/Send, payload: {room: \"7\", text: \"hi\"}}]";
        await File.WriteAllTextAsync(path, $$$"""
            name: example
            reference: {rate: 100/s, window: 1s, what: "test"}
            {{{example}}}
            {{{rest}}}
            slo:
              - {phase: "*", errors: "<= 1%"}
            """);
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await SpikeBenchCommand.RunAsync(["validate", path], new Terminal(output, error), TimeProvider.System);
        code.ShouldBe(ExitCodes.Pass, error.ToString());
        output.ToString().ShouldStartWith("example is valid.");
    }

    [Fact]
    public void Every_step_and_every_kind_of_arrivals_is_on_the_page()
    {
        foreach (FormatKey step in ProfileFormat.Step.Keys)
        {
            Page.ShouldContain($"- {step.Name}:", Case.Sensitive);
        }

        foreach (string kind in ProfileFormat.Root.Keys.Single(k => k.Name == "arrivals").Choices)
        {
            Page.ShouldContain($"| `{kind}`");
        }
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
