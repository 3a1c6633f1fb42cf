using System.Text;
using System.Text.RegularExpressions;
using SpikeBench.Core;

namespace SpikeBench.Cli.Running;

/// <summary>Keeps secrets out of what is printed and stored.</summary>
internal static partial class Redaction
{
    private const string Stars = "***";

    /// <summary>
    /// A command line with the credentials of URLs, the values of metadata and secret-looking settings, and commands that print tokens replaced.
    /// </summary>
    public static string Command(IEnumerable<string> args)
    {
        var shown = new StringBuilder("spikebench");
        string before = "";
        foreach (string arg in args)
        {
            string safe = before switch
            {
                "-m" or "--metadata" => MetadataValue(arg),
                "--token-command" => Stars,
                _ when arg.StartsWith("--metadata=", StringComparison.Ordinal) || arg.StartsWith("--metadata:", StringComparison.Ordinal) => arg[..11] + MetadataValue(arg[11..]),
                _ when arg.StartsWith("-m", StringComparison.Ordinal) && arg.Length > 2 && arg[2] is '=' or ':' => arg[..3] + MetadataValue(arg[3..]),
                _ when arg.StartsWith("--token-", StringComparison.Ordinal) && !arg.StartsWith("--token-command", StringComparison.Ordinal) => arg,
                _ when MetadataSetting().Match(arg) is { Success: true } setting => setting.Groups["key"].Value + Stars,
                _ => Secret().Replace(SafeUrl.Of(arg), "${key}***"),
            };
            shown.Append(' ').Append(Quote(safe));
            before = arg;
        }

        return shown.ToString();
    }

    private static string MetadataValue(string field)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? Stars : $"{field[..colon]}:{Stars}";
    }

    private static string Quote(string arg) => arg.Length > 0 && !arg.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '$' or '<' or '>' or '&' or '|')
        ? arg
        : "'" + arg.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"^(?<key>[^=]*\bmetadata\.[^=]*=)", RegexOptions.Singleline)]
    private static partial Regex MetadataSetting();

    [GeneratedRegex(@"(?<key>(token|secret|password|authorization|api[-_]?key)[^=:]*[=:]).*", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
