using System.Text.RegularExpressions;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Messenger.V1;
using SpikeBench.Target.Services;

namespace SpikeBench.Tests.Profiles;

/// <summary>
/// The examples that a new user copies first: what they send is what the reference messenger takes, or every call of their run fails.
/// </summary>
public sealed partial class MessengerExamplesTests
{
    private const string Send = "spikebench.messenger.v1.Messenger/Send";

    [Fact]
    public void Readmes_profile_sends_what_the_messenger_takes()
    {
        string example = Blocks("README.md").Single(b => b.StartsWith("name: mine", StringComparison.Ordinal));
        Refused(example).ShouldBeEmpty();
    }

    [Fact]
    public void Every_example_of_operations_sends_what_the_messenger_takes()
    {
        string[] examples = [.. Blocks("docs/profiles.md").Where(b => b.StartsWith("operations:", StringComparison.Ordinal) && b.Contains(Send, StringComparison.Ordinal))];
        examples.Length.ShouldBeGreaterThanOrEqualTo(2);
        foreach (string example in examples)
        {
            Refused($$$"""
                name: example
                reference: {rate: 100/s, window: 1s, what: "test"}
                load: [{hold: {rate: 1x, for: 10s}}]
                {{{example}}}
                slo:
                  - {phase: "*", errors: "<= 1%"}
                """).ShouldBeEmpty(example);
        }
    }

    /// <summary>What the messenger says to the first messages of every Send that it does not take.</summary>
    private static string[] Refused(string text)
    {
        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileTexts.TryBind(text, file => File.ReadAllText(Path.Combine(Repository.Root, "docs", file)));
        errors.Select(e => e.Format("example.yaml")).ShouldBeEmpty();
        (IReadOnlyList<PlannedOperation> operations, IReadOnlyList<ProfileError> wrong) = PayloadPool.Build(profile!.Operations, 1, new PayloadSources { Run = () => "midnight-7" });
        wrong.Select(e => e.Format("example.yaml")).ShouldBeEmpty();
        byte[][] messages = [.. operations.Where(o => o.Path == "/" + Send).SelectMany(o => o.Payloads.Take(64)).Select(p => p.ToArray())];
        messages.ShouldNotBeEmpty();
        return [.. messages.Select(m => SendRequest.Parser.ParseFrom(m)).Select(m => MessageRules.Check(m.Sender, m.Text)).Where(s => !s.IsOk).Select(s => s.ToString()).Distinct()];
    }

    private static IEnumerable<string> Blocks(string page) =>
        Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))).Select(m => m.Groups[1].Value);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
