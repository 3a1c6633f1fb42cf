using Chat;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc;
using Xunit;

public sealed class LunchRushTests
{
    [Fact]
    public async Task Chat_holds_the_lunch_rush()
    {
        Profile profile = ProfileJson.Read(File.ReadAllText("lunch.json"));
        LoadTestResult run = await new LoadTest(profile)
            .Send("send", i => new SendRequest { Sender = $"user-{i}", Room = (ulong)i % 50, Text = "점심 뭐 먹을까요?" })
            .RunAsync(new Uri(Environment.GetEnvironmentVariable("CHAT_TARGET") ?? "http://127.0.0.1:5000"));

        // INVALID says that this machine was too busy to test anything; where that must fail the build too, ask for Outcome.Pass.
        Assert.True(run.Verdict.Outcome is Outcome.Pass or Outcome.Invalid, run.ToString());
    }
}
