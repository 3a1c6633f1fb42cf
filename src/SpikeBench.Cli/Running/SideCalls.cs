using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Http;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Cli.Running;

/// <summary>
/// The calls of <c>prepare</c> and <c>cleanup</c>: before T0 and after the drain, over a connection of their own, in no book. One that
/// fails before T0 ends the run before it began; one that fails afterwards is said, and the verdict stands.
/// </summary>
internal sealed class SideCalls(Profile profile, ClientOptions client, Contract contract, CallPlan plan, ulong seed, Func<string, Task> say) : IDisposable
{
    /// <summary>Calls of one item that are under way at once.</summary>
    private const int AtOnce = 16;

    private const ulong SeedOfPrepare = 0x7072_6570;
    private const ulong SeedOfCleanup = 0x636c_6561_6e75_7000;

    private readonly UnaryCaller _caller = new(plan);

    private PayloadSources Sources => new() { Run = () => plan.RunId, Contract = contract };

    /// <summary>What is wrong with the messages of both lists.</summary>
    public static IReadOnlyList<ProfileError> Check(Profile profile, ClientOptions client, Contract contract) =>
        [.. Build(profile.Prepare, client, 0, new PayloadSources { Contract = contract }, "prepare").Errors, .. Build(profile.Cleanup, client, 0, new PayloadSources { Contract = contract }, "cleanup").Errors];

    /// <summary>Makes the calls of <c>prepare</c>, one item after the other.</summary>
    /// <exception cref="TargetException">One failed.</exception>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        if (profile.Prepare.Count == 0)
        {
            return;
        }

        IReadOnlyList<PlannedOperation> operations = Build(profile.Prepare, client, seed ^ SeedOfPrepare, Sources, "prepare").Operations;
        for (int i = 0; i < operations.Count; i++)
        {
            if (await RunAsync(profile.Prepare[i], operations[i], cancel).ConfigureAwait(false) is { } failure)
            {
                throw new TargetException($"{failure} Nothing of the load was offered.");
            }
        }

        await say($"prepared: {Units.Count(profile.Prepare.Sum(c => c.Times))} calls, all OK").ConfigureAwait(false);
    }

    /// <summary>Makes the calls of <c>cleanup</c>, each item whatever became of the one before.</summary>
    /// <param name="complain">Is told what failed.</param>
    public async Task CleanUpAsync(Func<string, Task> complain)
    {
        IReadOnlyList<PlannedOperation> operations = profile.Cleanup.Count == 0 ? [] : Build(profile.Cleanup, client, seed ^ SeedOfCleanup, Sources, "cleanup").Operations;
        for (int i = 0; i < operations.Count; i++)
        {
            string? failure;
            try
            {
                // The run may have been interrupted: what it left behind is cleaned up all the same.
                failure = await RunAsync(profile.Cleanup[i], operations[i], CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TargetException or GeneratorException)
            {
                failure = $"{operations[i].Name} {profile.Cleanup[i].Call.Call}: {e.Message}";
            }

            if (failure is not null)
            {
                await complain($"spikebench: {failure} What it was to clean up may still be there.").ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _caller.Dispose();

    private static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(
        IReadOnlyList<SideCall> calls, ClientOptions client, ulong seed, PayloadSources? sources, string path) =>
        OperationPool.Build([.. calls.Select(c => c.Call)], client, seed, sources, path);

    /// <summary>Makes all calls of an item; the first failure ends it.</summary>
    private async Task<string?> RunAsync(SideCall item, PlannedOperation operation, CancellationToken cancel)
    {
        TimeSpan deadline = TimeSpan.FromTicks(item.DeadlineNs / TimeSpan.NanosecondsPerTick);
        for (int first = 0; first < item.Times; first += AtOnce)
        {
            UnaryResult[] results = await Task.WhenAll(
                Enumerable.Range(first, Math.Min(AtOnce, item.Times - first)).Select(i => _caller.CallAsync(operation, i, deadline, cancel))).ConfigureAwait(false);
            int failed = Array.FindIndex(results, r => r.Failure != Failure.None);
            if (failed >= 0)
            {
                UnaryResult result = results[failed];
                string which = item.Times == 1 ? "" : $", call {first + failed + 1} of {item.Times}";
                return $"{operation.Name} {item.Call.Call}{which}: {Describe(result, deadline)}.";
            }
        }

        return null;
    }

    private static string Describe(UnaryResult result, TimeSpan deadline) => result.Failure switch
    {
        Failure.Timeout => $"no answer within {deadline.TotalSeconds:0.###} s",
        Failure.Check => "answered OK, but not what 'reply' asks for",
        Failure.Protocol => "answered something that is not gRPC",
        _ => $"answered {GrpcStatus.Name(result.Status)}{(result.Message.Length > 0 ? $": {result.Message}" : "")}",
    };
}
