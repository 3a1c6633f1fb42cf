using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Profiles;

/// <summary>Reads the file of <c>judge --slo</c>.</summary>
internal static class SloFile
{
    /// <summary>The SLOs of a file, checked against the phases and operations of a run.</summary>
    /// <exception cref="Core.UsageException">It is not there, or it has mistakes: all of them are named.</exception>
    public static SloSet Load(string path, RunSummary run)
    {
        string text = ProfileFile.ReadFile(path);
        (ProfileNode? root, ProfileError? syntax) = YamlNodes.Read(text, "a file of SLOs begins with 'slo:'");
        if (root is null)
        {
            throw new ProfileErrorsException([syntax!.Format(path)]);
        }

        (SloSet? slos, IReadOnlyList<ProfileError> errors) = SloDocument.Bind(
            root, run.Plan.Phases, [.. run.Plan.Operations], run.DeadlineNs, run.Profile.Compress);
        return slos ?? throw new ProfileErrorsException([.. errors.Select(e => e.Format(path))]);
    }
}
