using System.CommandLine;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Commands;

/// <summary>
/// The flags that say how calls reach a target and what they carry, the same for every command that makes calls. They change the
/// <c>client</c> of a profile, or that of no profile.
/// </summary>
internal sealed class CallFlags
{
    private readonly Option<bool> _tls = new("--tls") { Description = "speak TLS to a unix: or dns: target; https: does by itself" };
    private readonly Option<string?> _ca = new("--cacert") { Description = "PEM file of the authorities to trust instead of the machine's", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--cert") { Description = "PEM file of the client's certificate (mutual TLS)", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "PEM file of its private key (default: in the file of --cert)", HelpName = "FILE" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "take any certificate of the target: for a lab; every result says so" };
    private readonly Option<string?> _authority = new("--authority") { Description = "the name that calls carry and the certificate must be for (default: the address's)", HelpName = "NAME" };
    private readonly Option<string?> _connectTimeout = new("--connect-timeout") { Description = "how long connecting may take (default: 3s)", HelpName = "TIME" };
    private readonly Option<string[]> _metadata = new("--metadata", "-m") { Description = "metadata of every call, e.g. -m 'x-tenant: seoul'; names ending in -bin take base64; may be repeated", HelpName = "NAME:VALUE" };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "a file with an access token, sent as 'authorization: Bearer …' and read again as it changes", HelpName = "FILE" };
    private readonly Option<string?> _tokenCommand = new("--token-command") { Description = "a shell command that prints an access token; run again before it expires", HelpName = "COMMAND" };
    private readonly Option<string?> _tokenRefresh = new("--token-refresh") { Description = "how often the token is fetched again (default: before a JWT expires; a file each minute)", HelpName = "TIME" };
    private readonly Option<string?> _compression = new("--compression") { Description = "none | replies (may come as gzip) | gzip (requests too) (default: none)", HelpName = "KIND" };
    private readonly Option<string?> _maxReply = new("--max-reply") { Description = "the largest reply that is taken (default: 4MiB)", HelpName = "SIZE" };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _tls, _ca, _certificate, _key, _insecure, _authority, _connectTimeout, _metadata, _tokenFile, _tokenCommand, _tokenRefresh, _compression, _maxReply })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was given.</summary>
    /// <exception cref="UsageException">A value does not read.</exception>
    public CallOverrides Of(ParseResult parsed)
    {
        string? compression = parsed.GetValue(_compression);
        string? tokenFile = parsed.GetValue(_tokenFile), tokenCommand = parsed.GetValue(_tokenCommand);
        long? refreshNs = Duration(parsed.GetValue(_tokenRefresh), "--token-refresh");
        if (tokenFile is not null && tokenCommand is not null)
        {
            throw new UsageException("--token-file and --token-command: give one of them");
        }

        return new CallOverrides
        {
            Tls = parsed.GetValue(_tls),
            CaFile = parsed.GetValue(_ca),
            CertificateFile = parsed.GetValue(_certificate),
            KeyFile = parsed.GetValue(_key),
            Insecure = parsed.GetValue(_insecure),
            Authority = parsed.GetValue(_authority),
            ConnectTimeoutNs = Duration(parsed.GetValue(_connectTimeout), "--connect-timeout"),
            Metadata = [.. (parsed.GetValue(_metadata) ?? []).Select(Metadata)],
            TokenFile = tokenFile,
            TokenCommand = tokenCommand,
            TokenRefreshNs = refreshNs,
            Compression = compression switch
            {
                null => null,
                "none" => MessageCompression.None,
                "replies" => MessageCompression.Replies,
                "gzip" => MessageCompression.Gzip,
                _ => throw new UsageException($"--compression {compression}: there are none, replies, gzip{Suggestion.DidYouMean(compression, ["none", "replies", "gzip"])}"),
            },
            MaxReplyBytes = parsed.GetValue(_maxReply) is { } size
                ? Units.TrySize(size, out long bytes) && bytes is > 0 and <= 1 << 30 ? (int)bytes : throw new UsageException($"--max-reply {size}: write it like 64KiB or 4MiB, at most 1024MiB")
                : null,
        };
    }

    // The value is nobody's to see, not even in an error.
    private static MetadataField Metadata(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            throw new UsageException("--metadata: write it as 'name: value'");
        }

        string name = text[..colon].Trim();
        return MetadataField.Objection(name) is { } objection
            ? throw new UsageException($"--metadata {objection}")
            : new MetadataField(name, text[(colon + 1)..].Trim());
    }

    private static long? Duration(string? text, string flag) => text is null ? null
        : Units.TryDuration(text, out long ns) && ns > 0 ? ns
        : throw new UsageException($"{flag} {text}: write it with a unit, like 250ms, 5s or 2m");
}

/// <summary>What flags change of how calls are made; what is null or empty was not given.</summary>
internal sealed record CallOverrides
{
    public bool Tls { get; init; }

    public string? CaFile { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public bool Insecure { get; init; }

    public string? Authority { get; init; }

    public long? ConnectTimeoutNs { get; init; }

    public IReadOnlyList<MetadataField> Metadata { get; init; } = [];

    public string? TokenFile { get; init; }

    public string? TokenCommand { get; init; }

    public long? TokenRefreshNs { get; init; }

    public MessageCompression? Compression { get; init; }

    public int? MaxReplyBytes { get; init; }

    /// <summary>The flag that changes what is offered or taken, and so what a claim is about; null when only the way to the target changes.</summary>
    public string? ChangesLoad => Metadata.Count > 0 ? "--metadata" : Compression is not null ? "--compression" : MaxReplyBytes is not null ? "--max-reply" : null;

    /// <summary>How calls are made with these flags. A flag's file counts from the working folder, a profile's from the profile's.</summary>
    public ClientOptions ApplyTo(ClientOptions client)
    {
        TransportOptions transport = client.Transport;
        bool ownCertificate = CertificateFile is not null;
        return client with
        {
            Transport = transport with
            {
                Tls = Tls || transport.Tls,
                CaFile = CaFile ?? transport.CaFile,
                CertificateFile = CertificateFile ?? transport.CertificateFile,
                KeyFile = KeyFile ?? (ownCertificate ? null : transport.KeyFile),
                Insecure = Insecure || transport.Insecure,
                Authority = Authority ?? transport.Authority,
            },
            ConnectTimeoutNs = ConnectTimeoutNs ?? client.ConnectTimeoutNs,
            Metadata = [.. client.Metadata.Where(m => !Metadata.Any(given => given.Name == m.Name)), .. Metadata],
            Token = TokenFile is null && TokenCommand is null
                ? client.Token is { } token && TokenRefreshNs is not null ? token with { RefreshNs = TokenRefreshNs } : client.Token
                : new TokenSource { File = TokenFile, Command = TokenCommand, RefreshNs = TokenRefreshNs },
            Compression = Compression ?? client.Compression,
            MaxReplyBytes = MaxReplyBytes ?? client.MaxReplyBytes,
        };
    }
}
