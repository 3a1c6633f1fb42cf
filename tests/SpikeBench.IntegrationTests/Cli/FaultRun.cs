using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>A run of six seconds at 300 calls a second against a scripted target, in a folder of its own.</summary>
internal sealed class FaultRun : IDisposable
{
    /// <summary>INTERNAL, of a target that answers every call with it.</summary>
    public const int Internal = 13;

    public const double DeadlineSeconds = 2;

    private const string Profile = """
        name: fault
        reference: {rate: 300/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 6s, phase: all}
        operations:
          - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
        slo:
          - {phase: all, errors: "<= 1%"}
          - {phase: all, p95: "<= P95"}
        client: {deadline: 2s, connections: 2}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private SpikeBenchProcess? _process;

    /// <param name="server">The target; it is the caller's.</param>
    /// <param name="p95">The bound of the SLO on response times.</param>
    public FaultRun(ScriptedServer server, string p95 = "1s")
    {
        string profile = Path.Combine(_folder, "profile.yaml");
        File.WriteAllText(profile, Profile.Replace("P95", p95, StringComparison.Ordinal));
        Arguments = ["run", profile, "--target", server.Address.ToString(), "--out", _folder, "--no-calibrate", "--workers", "1", "--ui", "plain"];
    }

    /// <summary>The command line.</summary>
    public string[] Arguments { get; }

    /// <summary>The generator, once it has been started.</summary>
    public SpikeBenchProcess Process => _process.ShouldNotBeNull();

    public FaultRun Start(params string[] more) => Start(new Dictionary<string, string>(), more);

    /// <summary>Starts the generator as a process of its own, with more variables in its environment and more flags.</summary>
    public FaultRun Start(IReadOnlyDictionary<string, string> variables, params string[] more)
    {
        _process = SpikeBenchProcess.Start(variables, [.. Arguments, .. more]);
        return this;
    }

    /// <summary>Waits for its end; its exit code is that of its verdict.</summary>
    public async Task<(RunRecord Run, RunVerdict Verdict)> EndAsync()
    {
        (int code, string output, string error) = await Process.EndAsync();
        (RunRecord run, RunVerdict verdict) = Read();
        code.ShouldBe(ExitCodes.Of(verdict.Outcome), output + error);
        return (run, verdict);
    }

    /// <summary>What it kept.</summary>
    public (RunRecord Run, RunVerdict Verdict) Read()
    {
        RunRecord run = RunFolder.Read(Directory.GetDirectories(_folder).Single());
        return (run, Judge.Decide(run));
    }

    /// <summary>The checks that do not hold.</summary>
    public static string[] Broken(RunVerdict verdict) => [.. verdict.Checks.Where(c => !c.Holds).Select(c => c.Id)];

    /// <summary>A verdict with its reasons, for a test that fails.</summary>
    public static string Text(RunVerdict verdict) =>
        string.Join('\n', [verdict.Headline, .. verdict.Reasons, .. verdict.Checks.Where(c => !c.Holds).Select(c => $"{c.Id}: {c.Measured}; {c.Bound}")]);

    public void Dispose()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
