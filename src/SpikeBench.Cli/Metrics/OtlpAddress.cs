using SpikeBench.Core;

namespace SpikeBench.Cli.Metrics;

/// <summary>Where metrics go: the base address of an OTLP receiver, or the full one of its metrics.</summary>
internal static class OtlpAddress
{
    private const string MetricsPath = "/v1/metrics";

    /// <summary>Reads an address; without a path it gets the one that OTLP over HTTP gives metrics.</summary>
    /// <exception cref="UsageException">It is no http address.</exception>
    public static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0)
        {
            throw new UsageException($"--otlp {SafeUrl.Of(text)}: write it like http://127.0.0.1:4318");
        }

        if (address.UserInfo.Length > 0)
        {
            throw new UsageException($"--otlp {SafeUrl.Of(text)}: credentials do not belong in an address; let a collector on this machine hold them");
        }

        return address.AbsolutePath == "/" ? new Uri(address, MetricsPath) : address;
    }
}
