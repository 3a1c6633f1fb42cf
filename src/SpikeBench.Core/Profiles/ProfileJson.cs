namespace SpikeBench.Core.Profiles;

/// <summary>
/// Profiles as JSON, for code: the keys and values are those of the YAML that the command line reads, which reads such a file as well.
/// </summary>
public static class ProfileJson
{
    /// <summary>Reads and binds a profile.</summary>
    /// <param name="json">The text.</param>
    /// <param name="readFile">Reads the text of a file that the profile names; null: it may name none.</param>
    /// <exception cref="UsageException">It is no JSON, or no profile: all mistakes are named, a line each.</exception>
    public static Profile Read(string json, Func<string, string>? readFile = null)
    {
        (ProfileNode? root, string? error) = JsonNodes.Read(json);
        if (root is null)
        {
            throw new UsageException($"the profile {error}");
        }

        (Profile? profile, IReadOnlyList<ProfileError> errors) = ProfileBinder.Bind(root, readFile);
        return profile ?? throw new UsageException(string.Join('\n', errors.Select(e => $"{e.Path}: {e.Message}")));
    }
}
