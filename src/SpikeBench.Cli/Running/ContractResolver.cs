using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Cli.Running;

/// <summary>Finds the contract of a run's target, before anything is offered: the built-in one, files, or what the target tells of itself.</summary>
internal static class ContractResolver
{
    /// <summary>The contract for a profile's calls.</summary>
    /// <param name="request">Whose flags come before the profile.</param>
    /// <param name="profile">The calls, and files that it names.</param>
    /// <param name="client">How the target is reached.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="time">Of tokens.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UsageException">A file is wrong, or --call names no method.</exception>
    /// <exception cref="TargetException">The target does not tell.</exception>
    public static async Task<Contract> ForAsync(RunRequest request, Profile profile, ClientOptions client, Func<string, string?> variable, TimeProvider time, CancellationToken cancel)
    {
        ContractSource? source = request.Contract ?? profile.Contract?.From(Path.GetDirectoryName(Path.GetFullPath(request.Profile))!);
        string[] calls = [.. profile.Operations.Select(o => o.Call), .. profile.Prepare.Concat(profile.Cleanup).Select(c => c.Call.Call)];
        Contract contract = source is not null ? await OfFilesAsync(source, variable, cancel).ConfigureAwait(false)
            : request.Target is null || calls.All(c => Contract.BuiltIn.Find(c) is not null) ? Contract.BuiltIn
            : await OfTargetAsync(request, client, calls, time, cancel).ConfigureAwait(false);
        return request.Call is { Method: var call } && contract.Find(call) is null ? throw new UsageException($"--call: {contract.Unknown(call)}") : contract;
    }

    /// <summary>The contract of files.</summary>
    public static async Task<Contract> OfFilesAsync(ContractSource source, Func<string, string?> variable, CancellationToken cancel)
    {
        if (source.Protosets.Count > 0)
        {
            return ContractFiles.OfProtosets(source.Protosets);
        }

        string cache = Path.Combine(CalibrationStore.FolderOf(variable), "contracts");
        ProtoCompiler compiler = ProtoCompiler.Find(variable, AppContext.BaseDirectory, cache);
        return await ContractFiles.OfProtosAsync(source.Protos, source.ImportPaths, compiler, cancel).ConfigureAwait(false);
    }

    private static async Task<Contract> OfTargetAsync(RunRequest request, ClientOptions client, string[] calls, TimeProvider time, CancellationToken cancel)
    {
        TargetAddress.Parse(request.Target!, request.OwnsTarget);
        await using TargetLine line = await TargetLine.OpenAsync(request.Target!, client, time, cancel).ConfigureAwait(false);
        ServerReflection reflection = await line.ReflectAsync(cancel).ConfigureAwait(false);
        return await reflection.LoadAsync([.. calls.Select(Contract.ServiceOf).Distinct()], cancel).ConfigureAwait(false);
    }
}
