using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Recording;

/// <summary>What a run says of itself, whoever made it, and what its verdict makes of that.</summary>
public sealed class LoadOfferTests
{
    [Fact]
    public void A_summary_says_how_calls_were_made_and_by_whom()
    {
        var token = new CallToken("authorization", "Bearer old");
        LoadOffer offer = Offer(token, new ClientOptions
        {
            Transport = new TransportOptions { Insecure = true, CertificateFile = "client.pem", Authority = "chat.internal" },
            Compression = MessageCompression.Gzip,
            Metadata = [new MetadataField("x-tenant", "secret")],
        });
        RunSummary summary = offer.Begun(new DateTimeOffset(2026, 12, 31, 15, 0, 0, TimeSpan.Zero));
        CallsSummary calls = summary.Calls.ShouldNotBeNull();
        (calls.Tls, calls.CertificateUnchecked, calls.ClientCertificate, calls.Authority, calls.Compression, calls.DriverReason)
            .ShouldBe((true, true, true, "chat.internal", MessageCompression.Gzip, "no TLS"));
        calls.Metadata.ShouldBe(["x-tenant"]);
        (summary.FromCode, summary.ToolBuild, summary.Finished, summary.Interrupted).ShouldBe((true, SpikeBench.Core.Evidence.ToolBuild.Hash, false, RunFacts.Unfinished));
        summary.Driver.ShouldBe(new DriverSummary("null", 2, 4, 20, 0, false) { Placement = "not pinned" });
        calls.TokenRefreshes.ShouldBe(0);

        token.Replace("Bearer new");
        token.Keep("at 15:00:07 UTC: its command printed nothing");
        CallsSummary after = offer.CallsSoFar();
        after.TokenRefreshes.ShouldBe(1);
        after.TokenFailures.ShouldBe(["at 15:00:07 UTC: its command printed nothing"]);
    }

    [Fact]
    public void What_a_run_from_code_did_not_do_stands_in_the_limits_of_its_verdict()
    {
        RunRecord played = new PlayedRun().Record();
        RunRecord fromCode = played with
        {
            Summary = played.Summary with
            {
                FromCode = true,
                Calls = new CallsSummary { CertificateUnchecked = true, MessagesFromCode = new Dictionary<string, string> { ["send"] = "sha256:1", ["read"] = "sha256:2" } },
            },
        };
        string limits = string.Join('\n', Judge.Decide(fromCode).Limits);
        limits.ShouldContain("The target's certificate was not checked");
        limits.ShouldContain("Run from code: no ledger counts its attempts");
        limits.ShouldContain("the generator was not measured against nothing");
        limits.ShouldContain("What send, read sent was made by code: the profile's hash does not cover it.");
        string.Join('\n', Judge.Decide(played).Limits).ShouldNotContain("code");
    }

    [Fact]
    public void A_run_that_judges_nothing_passes_nothing()
    {
        RunRecord played = new PlayedRun().Record();
        RunVerdict verdict = Judge.Decide(played with { Summary = played.Summary with { Profile = played.Summary.Profile with { Slo = [] } } });
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Reasons.ShouldBe(["No SLO had a phase and operation with calls to judge."]);
    }

    private static LoadOffer Offer(CallToken token, ClientOptions client)
    {
        Profile profile = new PlayedRun().Profile with { Client = client };
        LoadPlan plan = ProfileCompiler.Compile(profile, 2, 7);
        return new LoadOffer
        {
            Profile = profile,
            ProfileHash = "sha256:profile",
            Client = client,
            Scale = 2,
            Plan = plan,
            Counts = plan.Count(),
            Calls = new CallPlan
            {
                Target = new Uri("https://127.0.0.1:5000"),
                Operations = [new PlannedOperation("send", "/a/Send", [[]]), new PlannedOperation("read", "/a/Read", [[]])],
                Lanes = 2,
                Connections = 4,
                SlotsPerLane = 10,
                RunId = "played-1",
                Token = token,
                Seed = 7,
            },
            Driver = new NullDriver(),
            DriverReason = "no TLS",
            IsTls = true,
            Cores = new MachineCores(null, null, 2),
            Placement = new Placement(2, null, null, "not pinned"),
            Target = new TargetSummary("https://127.0.0.1:5000/", null, true),
            Command = "from code",
            FromCode = true,
            MessagesFromCode = new Dictionary<string, string>(),
            ClaimNotTested = null,
            Attempt = null,
            Set = null,
            Calibration = null,
        };
    }
}
