using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Tests.Evidence;

public sealed class AttemptLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Attempts_are_numbered_from_1_and_closed_with_their_outcome()
    {
        AttemptLedger ledger = New();
        ledger.Read().Attempts.ShouldBeEmpty();
        await ThreeAttemptsAsync(ledger);
        LedgerBook book = ledger.Read();
        book.Attempts.Select(a => (a.Number, a.RunId, a.State)).ShouldBe([(1, "run-1", "PASS"), (2, "run-2", "open"), (3, "run-3", "INVALID")]);
        book.Attempts.Select(a => a.IsUnresolved).ShouldBe([false, true, false]);
        book.Attempts[0].End!.Files["run.json"].ShouldBe("sha256:1");
    }

    /// <summary>Whatever an attempt throws, wrong usage and bugs of ours included, its line is closed.</summary>
    [Fact]
    public async Task An_attempt_is_closed_whichever_way_it_ends()
    {
        AttemptLedger ledger = New();
        Exception[] failures = [new UsageException("the disk is full"), new TargetException("no such method"), new OperationCanceledException(), new InvariantException("a bug")];
        for (int i = 0; i < failures.Length; i++)
        {
            Exception failure = failures[i];
            Exception? thrown = await Record.ExceptionAsync(() => ledger.HoldAsync(
                $"run-{i}", Terms(1), _ => Task.FromException<Outcome>(failure), End, e => new AttemptEnd(null, $"failed: {e.GetType().Name}", Offered: i == 3, new Dictionary<string, string>())));
            thrown.ShouldBeSameAs(failure);
        }

        (await ledger.HoldAsync("run-4", Terms(1), attempt => Task.FromResult(attempt == 5 ? Outcome.Pass : Outcome.Invalid), End, _ => throw new InvalidOperationException())).ShouldBe(Outcome.Pass);
        await Should.ThrowAsync<UsageException>(() => ledger.HoldAsync(
            "run-5", Terms(1), _ => Task.FromResult(Outcome.Pass), _ => throw new UsageException("its evidence is gone"), _ => new AttemptEnd(Outcome.Pass, null, true, new Dictionary<string, string>())));

        ledger.Read().Attempts.Select(a => a.State).ShouldBe(["nothing offered", "nothing offered", "nothing offered", "interrupted", "PASS", "PASS"]);
        ledger.Read().Attempts[0].End!.Interrupted.ShouldBe("failed: UsageException");

        static AttemptEnd End(Outcome outcome) => new(outcome, null, true, new Dictionary<string, string>());
    }

    [Fact]
    public async Task What_went_wrong_first_is_heard_even_where_the_ledger_fails_as_well()
    {
        AttemptLedger ledger = New();
        TargetException thrown = await Should.ThrowAsync<TargetException>(() => ledger.HoldAsync<Outcome>(
            "run-1",
            Terms(1),
            _ =>
            {
                File.AppendAllText(ledger.Path, "not a line of a ledger\n");
                throw new TargetException("gone");
            },
            _ => throw new InvalidOperationException(),
            _ => new AttemptEnd(null, "failed", true, new Dictionary<string, string>())));
        thrown.Message.ShouldBe("gone");
    }

    /// <summary>What was killed between the two lines is there for everyone to see.</summary>
    [Fact]
    public async Task An_attempt_that_was_never_closed_stays_open()
    {
        await New().OpenAsync("killed", Terms(1));
        Attempt attempt = New().Read().Attempts.Single();
        attempt.State.ShouldBe("open");
        attempt.IsUnresolved.ShouldBeTrue();
    }

    [Fact]
    public async Task An_interrupted_attempt_is_unresolved_unless_nothing_was_offered_or_it_failed()
    {
        AttemptLedger ledger = New();
        AttemptEnd[] ends =
        [
            new(Outcome.Invalid, "interrupted after 3 s", true, new Dictionary<string, string>()),
            new(null, "ended before T0", false, new Dictionary<string, string>()),
            new(Outcome.Fail, "interrupted after 3 s", true, new Dictionary<string, string>()),
            new(null, "failed: IOException", true, new Dictionary<string, string>()),
        ];
        for (int i = 0; i < ends.Length; i++)
        {
            await ledger.CloseAsync(await ledger.OpenAsync($"run-{i}", Terms(1)), $"run-{i}", ends[i]);
        }

        ledger.Read().Attempts.Select(a => (a.State, a.IsUnresolved)).ShouldBe(
            [("interrupted", true), ("nothing offered", false), ("FAIL, interrupted", false), ("interrupted", true)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_line_that_is_missing_breaks_the_chain(int line)
    {
        await ThreeAttemptsAsync(New());
        List<string> lines = [.. await File.ReadAllLinesAsync(File_)];
        lines.RemoveAt(line);
        await File.WriteAllTextAsync(File_, string.Concat(lines.Select(l => l + "\n")));
        Should.Throw<UsageException>(() => New().Read()).Message.ShouldContain($"({line + 1}): the chain of attempts is broken");
    }

    [Fact]
    public async Task Any_changed_byte_breaks_the_chain_or_the_spelling()
    {
        await ThreeAttemptsAsync(New());
        byte[] bytes = await File.ReadAllBytesAsync(File_);
        int lastLine = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        for (int i = 0; i < lastLine; i += 7)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 1;
            Should.Throw<UsageException>(() => LedgerBook.Parse(changed, "ledger.jsonl"), $"byte {i}, '{(char)bytes[i]}'");
        }
    }

    [Fact]
    public async Task A_chain_made_anew_must_still_number_its_attempts_without_gaps()
    {
        await ThreeAttemptsAsync(New());
        string[] lines = await File.ReadAllLinesAsync(File_);
        string resealed = Resealed(lines.Where(l => !l.Contains("\"attempt\":2", StringComparison.Ordinal)));
        Should.Throw<UsageException>(() => LedgerBook.Parse(Encoding.UTF8.GetBytes(resealed), "ledger.jsonl")).Message.ShouldContain("attempt 3 follows attempt 1");
    }

    [Fact]
    public async Task A_line_cut_short_is_one_clear_error()
    {
        await ThreeAttemptsAsync(New());
        await File.WriteAllBytesAsync(File_, (await File.ReadAllBytesAsync(File_))[..^5]);
        Should.Throw<UsageException>(() => New().Read()).Message.ShouldContain("the line was cut short");
    }

    [Fact]
    public async Task Two_runs_can_share_a_ledger()
    {
        int[] numbers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => New().OpenAsync($"run-{i}", Terms(1)))));
        numbers.Order().ShouldBe(Enumerable.Range(1, 8));
        New().Read().Attempts.Count.ShouldBe(8);
    }

    /// <summary>The lines with their links made anew, as a forger would.</summary>
    public static string Resealed(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        string head = Sha256.Nothing;
        foreach (string line in lines)
        {
            int at = line.IndexOf("\"previous\":\"", StringComparison.Ordinal) + "\"previous\":\"".Length;
            string linked = line[..at] + head + line[(at + head.Length)..];
            head = Sha256.OfText(linked);
            text.Append(linked).Append('\n');
        }

        return text.ToString();
    }

    private string File_ => Path.Combine(_folder, AttemptLedger.FileName);

    private AttemptLedger New() => new(File_, TimeProvider.System);

    private static async Task ThreeAttemptsAsync(AttemptLedger ledger)
    {
        var files = new Dictionary<string, string> { ["run.json"] = "sha256:1" };
        int first = await ledger.OpenAsync("run-1", Terms(1));
        await ledger.CloseAsync(first, "run-1", new AttemptEnd(Outcome.Pass, null, true, files));
        await ledger.OpenAsync("run-2", Terms(1));
        int third = await ledger.OpenAsync("run-3", Terms(1));
        await ledger.CloseAsync(third, "run-3", new AttemptEnd(Outcome.Invalid, null, true, files));
    }

    private static AttemptTerms Terms(int midnight) =>
        new("set", midnight, 1, "profile", "sha256:p", "sha256:s", "plan", 2, "18446744073709551615", null, "image@sha256:1", "sha256:t");
}
