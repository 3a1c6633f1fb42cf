using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SpikeBench.Core.Recording;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>What the target holds after a run: every message another one, every letter as the profile has it.</summary>
[Collection(MachineToItself.Name)]
public sealed partial class MessagesOfARunTests : IDisposable
{
    private const int WarmUpFirst = 2_000_000_000;

    private const string Profile = """
        name: greetings
        about: "설날 인사"
        reference: {rate: 100/s, window: 1s, what: "평소"}
        load:
          - hold: {rate: 1x, for: 3s, phase: midnight}
        operations:
          - name: send
            call: spikebench.messenger.v1.Messenger/Send
            payload:
              sender: "${csv users.csv 이름}님"
              room: 7
              text: "${pick 새해 복 많이 받으세요,올 한 해도 건강하세요}! ${seq} ${now}"
              idempotency_key: "${uuid}"
        slo:
          - {phase: midnight, errors: "<= 1%"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task Each_call_stores_a_message_of_its_own_and_Korean_survives_to_the_report(string driver)
    {
        string profile = Path.Combine(_folder, "profile.yaml");
        await File.WriteAllTextAsync(profile, Profile);
        await File.WriteAllTextAsync(Path.Combine(_folder, "users.csv"), "이름,id\n김하늘,1\n\"박 바람, 별\",2\n이은하,3\n");
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory");
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync(
            "run", profile, "--target", target.Address.ToString(), "--driver", driver, "--no-calibrate", "--ui", "none", "--out", Path.Combine(_folder, "results"));
        code.ShouldBeLessThan(4, output + error);
        DateTimeOffset after = TimeProvider.System.GetUtcNow();
        string folder = Directory.GetDirectories(Path.Combine(_folder, "results")).Single();
        RunRecord run = RunFolder.Read(folder);
        long ok = run.Cells.Sum(0, run.Cells.Grid.Count, -1, CellField.Ok);
        ok.ShouldBe(run.Summary.Plan.Planned[0][0], output + error);

        using var reader = new RawGrpcClient(target.Address);
        RawReply room = await reader.CallAsync(RawGrpcClient.Messenger + "Sync", RawGrpcClient.Number(1, 7));
        (string Sender, string Text)[] stored = [.. room.Messages.Select(m => (TextOf(m, 3), TextOf(m, 4)))];
        stored.LongLength.ShouldBeInRange(ok + run.Summary.WarmUp!.Ok[0], ok + run.Summary.WarmUp.Sent[0], "a message whose key came twice is stored once");
        var numbers = new HashSet<long>();
        foreach ((string sender, string text) in stored)
        {
            Match match = Text().Match(text);
            match.Success.ShouldBeTrue(text);
            long number = long.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
            numbers.Add(number).ShouldBeTrue($"{number} came twice");
            DateTimeOffset.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture).ShouldBeInRange(before, after);
            sender.ShouldBe((number % 3) switch { 0 => "김하늘님", 1 => "박 바람, 별님", _ => "이은하님" });
        }

        numbers.Where(n => n < WarmUpFirst).Order().ShouldBe(Enumerable.Range(0, (int)ok).Select(i => (long)i));
        string json = await File.ReadAllTextAsync(Path.Combine(folder, RunFolder.SummaryFile));
        json.ShouldContain("${pick 새해 복 많이 받으세요,올 한 해도 건강하세요}! ${seq} ${now}");
        json.ShouldContain("\"file\": \"users.csv\"");
        (await File.ReadAllTextAsync(Path.Combine(folder, "report.html"))).ShouldContain("평소");
    }

    private static string TextOf(byte[] message, int field) => Encoding.UTF8.GetString(RawGrpcClient.Field(message, field).Bytes);

    [GeneratedRegex(@"^(새해 복 많이 받으세요|올 한 해도 건강하세요)! (?<number>\d{10}) (?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)$")]
    private static partial Regex Text();
}
