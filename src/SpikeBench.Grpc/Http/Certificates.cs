using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>The certificates of a run, read from their files once, before anything connects.</summary>
internal sealed class Certificates
{
    private Certificates(X509Certificate2Collection? authorities, X509Certificate2? client, X509Certificate2Collection? intermediates)
    {
        Authorities = authorities;
        Client = client;
        Intermediates = intermediates;
    }

    /// <summary>Whom to trust; null: whom the machine trusts.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>The client's own, with its key; null without one.</summary>
    public X509Certificate2? Client { get; }

    /// <summary>What stands behind the client's own in its file.</summary>
    public X509Certificate2Collection? Intermediates { get; }

    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="UsageException">A file is not there, holds no certificate, or certificate and key do not fit.</exception>
    public static Certificates Read(TransportOptions options)
    {
        if (options.KeyFile is not null && options.CertificateFile is null)
        {
            throw new UsageException($"--key {options.KeyFile}: a key needs its certificate: give --cert FILE as well");
        }

        X509Certificate2Collection? authorities = options.CaFile is { } ca ? ReadAll("--cacert", ca) : null;
        if (options.CertificateFile is not { } file)
        {
            return new Certificates(authorities, null, null);
        }

        X509Certificate2Collection chain = ReadAll("--cert", file);
        return new Certificates(authorities, WithKey(file, options.KeyFile), chain.Count > 1 ? [.. chain.Skip(1)] : null);
    }

    private static X509Certificate2Collection ReadAll(string flag, string file)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{flag} {file}: cannot be read: {e.Message}");
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"{flag} {file}: holds a certificate that does not read: {e.Message}");
        }

        return all.Count > 0
            ? all
            : throw new UsageException($"{flag} {file}: holds no certificate: it must be PEM, with -----BEGIN CERTIFICATE-----");
    }

    private static X509Certificate2 WithKey(string file, string? keyFile)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file, keyFile ?? file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--key {keyFile}: cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new UsageException(keyFile is null
                ? $"--cert {file}: holds no private key that fits its certificate: give the key's file with --key"
                : $"--key {keyFile}: is not the private key of --cert {file}, or is encrypted: give the fitting key as plain PEM");
        }
    }
}
