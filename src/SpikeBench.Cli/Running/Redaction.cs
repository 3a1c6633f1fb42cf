using System.Text.RegularExpressions;

namespace SpikeBench.Cli.Running;

/// <summary>Keeps secrets out of what is printed and stored.</summary>
internal static partial class Redaction
{
    /// <summary>A URL without its user and password.</summary>
    public static string Url(string text) => UserInfo().Replace(text, "${scheme}***@");

    /// <summary>A command line with the credentials of URLs and the values of secret-looking settings replaced.</summary>
    public static string Command(IEnumerable<string> args) =>
        "spikebench " + string.Join(' ', args.Select(a => Quote(Secret().Replace(Url(a), "${key}***"))));

    private static string Quote(string arg) => arg.Length > 0 && !arg.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '$' or '<' or '>' or '&' or '|')
        ? arg
        : "'" + arg.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    [GeneratedRegex(@"(?<scheme>^|//)[^/@\s]+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<key>(token|secret|password|authorization|api[-_]?key)[^=:]*[=:]).*", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
