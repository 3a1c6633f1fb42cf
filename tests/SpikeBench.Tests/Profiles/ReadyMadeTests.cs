using SpikeBench.Cli.Profiles;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Tests.Profiles;

public sealed class ReadyMadeTests
{
    public static TheoryData<string> Names => [.. ProfileFile.ReadyMade];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_ready_made_profile_binds_and_its_payloads_encode(string name)
    {
        Profile profile = ProfileFile.Load(name, []);
        profile.Name.ShouldBe(name);
        profile.About.ShouldNotBeNullOrEmpty();
        profile.Sources.ShouldNotBeEmpty();
        PayloadPool.Build(profile.Operations, profile.Seed).Errors.ShouldBeEmpty();
    }

    [Fact]
    public void The_midnight_profile_plans_enough_judged_calls_in_its_spike()
    {
        Profile profile = ProfileFile.Load("ny-midnight", []);
        LoadPlan plan = ProfileCompiler.Compile(profile, profile.Claim!.Scale, profile.Seed);
        PlanCounts counts = plan.Count();
        int spike = plan.Phases.ToList().FindIndex(p => p.Name == "spike");
        SloRule rule = profile.Slo.First(s => s.Phase == "spike");
        int operation = profile.Operations.ToList().FindIndex(o => o.Name == rule.Operation);
        ((double)counts.PerPhase[spike, operation]).ShouldBeGreaterThanOrEqualTo(30 / rule.Budget);
        new RecordingPlan(plan.Phases, 2, [], 0, profile.Client.DeadlineNs).IsSingleEvent(plan.Phases[spike]).ShouldBeTrue();
        plan.DurationNs.ShouldBeLessThan(120_000_000_000);
    }

    [Fact]
    public void The_schema_in_the_repository_is_the_generated_one()
    {
        string path = Path.Combine(Repository.Root, "profiles", "profile.schema.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, ProfileSchema.Generate());
        }

        File.ReadAllText(path).ShouldBe(ProfileSchema.Generate(), "write it anew with UPDATE_GOLDEN=1, or 'spikebench profiles schema'");
    }
}
