using System.Text;
using SpikeBench.Cli.Profiles;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Cli;

public sealed class RunningPartsTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 31, 14, 30, 0, TimeSpan.Zero); // 23:30 in Seoul

    [Theory]
    [InlineData("23:50:00+09:00", "2026-12-31T14:50:00Z")]
    [InlineData("23:20:00+09:00", "2027-01-01T14:20:00Z")]
    [InlineData("00:00:00+09:00", "2026-12-31T15:00:00Z")]
    [InlineData("23:50+09:00", "2026-12-31T14:50:00Z")]
    [InlineData("15:00:00Z", "2026-12-31T15:00:00Z")]
    [InlineData("2027-01-01T00:00:00+09:00", "2026-12-31T15:00:00Z")]
    public void A_start_time_is_the_next_moment_that_matches(string text, string utc) =>
        StartTime.Parse(text, new FixedTime(Now)).ShouldBe(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_claims_own_scale_tests_it_and_any_change_of_what_was_registered_does_not()
    {
        Reason().ShouldBeNull();
        Reason(scale: 2).ShouldBeNull();
        Reason(scale: 4).ShouldBe("it is about 2x, this run offered 4x");
        Reason(sets: "slo[0].p99.9=<= 500ms").ShouldBe("--set slo[0].p99.9 changes what was registered with the claim");
        Reason(sets: "client.deadline=2s").ShouldBe("--set client.deadline changes what was registered with the claim");
        Reason(sets: "load[0].hold.for=5s").ShouldBe("--set load[0].hold.for changes what was registered with the claim");
        Reason(sets: "seed=4").ShouldBeNull();
    }

    [Fact]
    public void The_profiles_hash_changes_with_what_it_says()
    {
        string plain = Setup().ProfileHash;
        Setup().ProfileHash.ShouldBe(plain);
        Setup(sets: "client.deadline=2s").ProfileHash.ShouldNotBe(plain);
    }

    [Fact]
    public void A_peak_names_the_base_of_every_multiple()
    {
        RunSetup setup = RunSetup.Of(new RunRequest { Profile = "ny-midnight", Peak = "5k/s", Command = "" });
        setup.Profile.Reference.RatePerSecond.ShouldBe(5000);
        setup.Profile.Reference.Source.ShouldBe("--peak 5k/s");
        setup.PlanOf(0).Schedule.Curve.RateAt(0).ShouldBe(10_000);
        setup.ClaimNotTested.ShouldBeNull();
    }

    [Fact]
    public void A_load_above_its_own_ceiling_is_refused_before_anything_is_sent()
    {
        Setup(sets: "client.max_rate=11x").Profile.Client.MaxRatePerSecond.ShouldBe(2_200);
        Should.Throw<UsageException>(() => Setup(sets: "client.max_rate=5x")).Message.ShouldContain("above client.max_rate 1,000/s");
    }

    [Fact]
    public void A_ceiling_of_calls_in_flight_is_all_workers_together()
    {
        RunSetup setup = Setup(sets: "client.max_in_flight=90");
        LoadPlan plan = setup.PlanOf(0);
        setup.SlotsFor(plan, 1).ShouldBe(90);
        setup.SlotsFor(plan, 4).ShouldBe(22);
        Setup().SlotsFor(plan, 1).ShouldBeGreaterThan(2_390);
    }

    [Fact]
    public void Repeats_draw_from_seeds_that_count_up()
    {
        RunSetup setup = Setup();
        setup.SeedOf(0).ShouldBe(setup.Profile.Seed);
        setup.SeedOf(3).ShouldBe(setup.Profile.Seed + 3);
    }

    [Fact]
    public void The_messages_of_the_first_seed_are_made_once()
    {
        RunSetup setup = RunSetup.Of(new RunRequest { Profile = "ny-midnight", Seed = 41, Command = "" });
        IReadOnlyList<PlannedOperation> first = setup.OperationsOf(0, "run-1"), again = setup.OperationsOf(0, "run-1"), next = setup.OperationsOf(1, "run-2");
        setup.First.ShouldNotBeNull().Take().ShouldBeNull("they were given away");
        again.ShouldNotBeSameAs(first);
        Bytes(again).ShouldBe(Bytes(first), "checked and sent are drawn from the same seed");
        Bytes(next).ShouldNotBe(Bytes(first));

        static IEnumerable<byte> Bytes(IReadOnlyList<PlannedOperation> operations) => operations.SelectMany(o => o.Payloads).SelectMany(p => p);
    }

    [Fact]
    public void Messages_that_name_the_run_are_made_when_it_has_a_name()
    {
        RunSetup setup = RunSetup.Of(new RunRequest
        {
            Profile = "ny-midnight",
            Call = new CallOverride("spikebench.messenger.v1.Messenger/Send", """{"sender": "${run}", "text": "hi"}"""),
            Command = "",
        });
        setup.First.ShouldBeNull();
        Encoding.UTF8.GetString(setup.OperationsOf(0, "run-1")[0].Payloads[0]).ShouldContain("run-1");
    }

    [Fact]
    public void The_messenger_gets_one_and_a_half_times_the_claims_peak()
    {
        Operation[] mix = [new("send", 95, "spikebench.messenger.v1.Messenger/Send", Payload.Empty), new("login", 5, "spikebench.messenger.v1.Messenger/Login", Payload.Empty)];
        MessengerModel model = MessengerModel.For(2000, mix);
        model.CallsPerSecond.ShouldBe(3000);

        // Capacity in calls of the mix: slots over the mean time that a call holds one; logins hold theirs five times as long.
        (model.Slots / (model.ServiceNs / 1e9 * (0.95 + 0.05 * 5))).ShouldBe(3000, 1);
        (model.ServiceNs / 1e6).ShouldBe(8, 1);
    }

    [Fact]
    public void Connections_hold_the_peak_at_seventy_streams_each()
    {
        RunSetup setup = Setup();
        setup.ConnectionsFor(2000, workers: 1).ShouldBe(35);
        setup.ConnectionsFor(1, workers: 3).ShouldBe(3);
        (setup with { Profile = setup.Profile with { Client = new ClientOptions { Connections = 7 } } }).ConnectionsFor(2000, workers: 1).ShouldBe(7);
    }

    [Theory]
    [InlineData("client.deadline=2s", "client.deadline", "2s")]
    [InlineData("slo[0].p99.9=<= 5ms", "slo[0].p99.9", "<= 5ms")]
    public void Settings_split_at_the_first_equals_sign(string text, string path, string value) => NodeEditor.Split(text).ShouldBe((path, value));

    [Fact]
    public void A_setting_changes_a_value_deep_in_the_tree()
    {
        Profile profile = ProfileFile.Load("ny-midnight", ["load[1].midnight.amplitude=9x", "slo[0].p99.9=<= 150ms", "client.give_up=3s"]);
        ((MidnightStep)profile.Load[1]).Shape.Amplitude.ShouldBe(9);
        profile.Slo[0].ThresholdNs.ShouldBe(150_000_000);
        profile.Client.GiveUpNs.ShouldBe(3_000_000_000);
    }

    [Theory]
    [InlineData("--target http://u:p@h:1", "spikebench --target http://***@h:1")]
    [InlineData("--set token=abc", "spikebench --set token=***")]
    [InlineData("--set x=1", "spikebench --set x=1")]
    public void Secrets_do_not_get_into_the_stored_command(string args, string expected) => Redaction.Command(args.Split(' ')).ShouldBe(expected);

    [Theory]
    [InlineData("localhost:5000", "http://localhost:5000/")]
    [InlineData("http://127.0.0.9:5000", "http://127.0.0.9:5000/")]
    [InlineData("https://[::1]:5000", "https://[::1]:5000/")]
    public void Loopback_is_free(string text, string address) => TargetAddress.Parse(text, owned: false).ToString().ShouldBe(address);

    [Fact]
    public void A_target_elsewhere_needs_the_users_word()
    {
        Should.Throw<UsageException>(() => TargetAddress.Parse("http://chat.example:443", owned: false));
        TargetAddress.Parse("http://chat.example:443", owned: true).Host.ShouldBe("chat.example");
    }

    [Fact]
    public void Two_runs_in_the_same_second_get_folders_of_their_own()
    {
        string parent = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
        try
        {
            string[] folders = new string[8];
            Parallel.For(0, folders.Length, i => folders[i] = ResultFolders.Create(parent, "x", Now));
            folders.Distinct().Count().ShouldBe(folders.Length);
            folders.ShouldContain(Path.Combine(parent, "x-20261231-143000"));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    private static RunSetup Setup(double? scale = null, params string[] sets) =>
        RunSetup.Of(new RunRequest { Profile = "ny-midnight", Scale = scale, Sets = sets, Command = "" });

    private static string? Reason(double? scale = null, params string[] sets) => Setup(scale, sets).ClaimNotTested;

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
