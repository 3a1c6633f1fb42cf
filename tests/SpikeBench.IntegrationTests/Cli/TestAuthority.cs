using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>A private certificate authority, made for one test: its own certificate, and those that it signs.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly string _folder;

    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddYears(-2), TimeProvider.System.GetUtcNow().AddYears(2));
        File = Path.Combine(folder, $"{name}.pem");
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    /// <summary>Its certificate as PEM.</summary>
    public string File { get; }

    /// <summary>Signs a certificate for some names and addresses; PEM files of it and of its key lie in the folder.</summary>
    /// <param name="name">Its subject, and the files' names.</param>
    /// <param name="hosts">What it is for.</param>
    /// <param name="validForDays">Negative: it ended so many days ago.</param>
    public (X509Certificate2 Certificate, string File, string KeyFile) Issue(string name, IReadOnlyList<string> hosts, int validForDays = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        if (hosts.Count > 0)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset to = TimeProvider.System.GetUtcNow().AddDays(validForDays);
        using X509Certificate2 signed = request.Create(_certificate, to.AddDays(-60), to, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);
        string file = Path.Combine(_folder, $"{name}.pem"), keyFile = Path.Combine(_folder, $"{name}.key");
        System.IO.File.WriteAllText(file, whole.ExportCertificatePem());
        System.IO.File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());

        // With a key that is only in memory some platforms' TLS cannot serve.
        return (X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null), file, keyFile);
    }

    public void Dispose() => _certificate.Dispose();
}
