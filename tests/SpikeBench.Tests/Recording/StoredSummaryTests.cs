using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeBench.Core;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Recording;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Recording;

/// <summary>A run's summary is judged as it was written: a FAIL must not become a PASS with an editor.</summary>
public sealed class StoredSummaryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("profile.slo[0].budget", "0.5", "the profile's hash is")]
    [InlineData("profile.slo", "[]", "the profile's hash is")]
    [InlineData("profile.slo[0].phase", "\"before\"", "the profile's hash is")]
    [InlineData("profile.slo[0].thresholdNs", "1000000000", "the profile's hash is")]
    [InlineData("profile.slo[0].budget", "-1", "impossible budget or threshold")]
    [InlineData("profile.slo[0].thresholdNs", "2000000000", "was not counted")]
    [InlineData("profile.compress", "0", "compression is impossible")]
    [InlineData("profile.claim.confidence", "2", "confidence, repeats or scale are impossible")]
    [InlineData("profile.recoveries", "[{\"withinNs\":1,\"clearForNs\":1,\"of\":\"nowhere\",\"text\":\"\"}]", "a recovery of its profile is of no phase")]
    [InlineData("plan.planned[0][0]", "9223372036854775807", "its planned calls do not fit")]
    [InlineData("plan.phases[0].name", "\"spike\"", "two of its phases have one name")]
    [InlineData("plan.peakRatePerSecond", "-1", "its peak rate is impossible")]
    [InlineData("set", "{\"id\":\"x\",\"midnight\":2,\"of\":1}", "its place in its set is impossible")]
    [InlineData("claimNotTested", "\"of a test\"", "is not what its own SHA-256 in it says")]
    [InlineData("target.sameHost", "true", "is not what its own SHA-256 in it says")]
    [InlineData("deadlineNs", "2000000000", "is not what its own SHA-256 in it says")]
    [InlineData("seed", "8", "is not what its own SHA-256 in it says")]
    [InlineData("interrupted", "\"by hand\"", "is not what its own SHA-256 in it says")]
    public void A_value_that_was_edited_later_is_refused(string path, string value, string expected)
    {
        string summary = Path.Combine(new PlayedRun().Store(_folder).Folder, RunFolder.SummaryFile);
        JsonNode root = JsonNode.Parse(File.ReadAllText(summary))!;
        string[] parts = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        JsonNode at = parts[..^1].Aggregate(root, (n, p) => p[0] == '[' ? n[Index(p)]! : n[p]!);
        if (parts[^1][0] == '[')
        {
            at[Index(parts[^1])] = JsonNode.Parse(value);
        }
        else
        {
            at[parts[^1]] = JsonNode.Parse(value);
        }

        File.WriteAllText(summary, root.ToJsonString(RunFolder.Json) + "\n");
        Refused(summary).ShouldContain(expected);
    }

    [Fact]
    public void A_value_that_stands_there_twice_is_refused()
    {
        string summary = Path.Combine(new PlayedRun { ClaimNotTested = "of a test" }.Store(_folder).Folder, RunFolder.SummaryFile);
        File.WriteAllText(summary, File.ReadAllText(summary).Replace("\"claimNotTested\": \"of a test\"", "\"claimNotTested\": \"of a test\",\n  \"claimNotTested\": null", StringComparison.Ordinal));
        Refused(summary).ShouldContain("Duplicate property 'claimNotTested'");
    }

    /// <summary>The hash is of the profile as it is written: a version that does not know a key of it reads it all the same.</summary>
    [Fact]
    public void A_profile_of_a_version_that_knew_more_is_still_the_one_of_its_hash()
    {
        string summary = Path.Combine(new PlayedRun().Store(_folder).Folder, RunFolder.SummaryFile);
        JsonNode root = JsonNode.Parse(File.ReadAllText(summary))!;
        root["profile"]!["later"] = 1;
        root["profileHash"] = Sha256.OfText(JsonSerializer.Serialize(JsonSerializer.SerializeToElement(root["profile"]), RunFolder.Json));
        root.AsObject().Remove("files");
        File.WriteAllText(summary, root.ToJsonString());
        RunFolder.Read(Path.GetDirectoryName(summary)!).Summary.Profile.Name.ShouldBe("played");
    }

    private static string Refused(string summary) => Should.Throw<UsageException>(() => RunFolder.Read(Path.GetDirectoryName(summary)!)).Message;

    private static int Index(string part) => int.Parse(part.Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture);
}
