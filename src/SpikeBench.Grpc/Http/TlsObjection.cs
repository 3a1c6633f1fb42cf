using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SpikeBench.Grpc.Http;

/// <summary>Says why a target's certificate is not trusted, and what to do about it.</summary>
internal static class TlsObjection
{
    private const int MostNames = 4;

    /// <param name="certificate">What the target showed.</param>
    /// <param name="chain">What it was built into.</param>
    /// <param name="errors">What is wrong with it.</param>
    /// <param name="host">The name that it should be for.</param>
    /// <param name="caFile">Whom we trust, as given; null: whom the machine trusts.</param>
    public static string Describe(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string host, string? caFile)
    {
        if (certificate is null)
        {
            return "it shows no certificate";
        }

        // The dates first: an expired certificate is often of an authority that nobody trusts any more either.
        foreach (X509ChainElement element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            if (element.ChainElementStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid))
            {
                return OutOfTime(element.Certificate);
            }
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"its certificate is for {NamesOf(certificate)}, not for {host}: call it by that name, or give the name with --authority";
        }

        string status = string.Join(", ", chain?.ChainStatus.Select(s => s.Status).Distinct() ?? []);
        string reason = status is "" or nameof(X509ChainStatusFlags.PartialChain) or nameof(X509ChainStatusFlags.UntrustedRoot) ? "" : $" ({status})";
        return caFile is null
            ? $"its certificate is of {certificate.Issuer}, which this machine does not trust{reason}: give that authority's certificate with --cacert FILE"
            : $"its certificate is of {certificate.Issuer}, which {caFile} does not vouch for{reason}: give the authority that signed it";
    }

    private static string OutOfTime(X509Certificate2 certificate)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        DateTime from = certificate.NotBefore.ToUniversalTime(), to = certificate.NotAfter.ToUniversalTime();
        return string.Create(invariant, $"its certificate {certificate.Subject} holds from {from:yyyy-MM-dd HH:mm} to {to:yyyy-MM-dd HH:mm} UTC, not now: renew it, or mend the clock of this machine");
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        List<string> all = names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(a => a.ToString())];
        return all.Count == 0 ? certificate.Subject : string.Join(", ", all.Take(MostNames)) + (all.Count > MostNames ? ", …" : "");
    }
}
