using System.Text.Json.Serialization;

namespace SpikeBench.Core.Engine;

/// <summary>
/// How a target is reached beyond its address: TLS and whom to trust, and which name the calls carry. Files are read when connections are
/// made, not here.
/// </summary>
public sealed record TransportOptions
{
    /// <summary>
    /// Speaks TLS to a target whose address does not say so (<c>unix:</c> and <c>dns:</c>); <c>https:</c> does by itself. (default: false)
    /// </summary>
    public bool Tls { get; init; }

    /// <summary>PEM file of the authorities to trust instead of the machine's own. (default: the machine's)</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client's certificate and the intermediates behind it. (default: none is shown)</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of that certificate's private key. (default: it stands in <see cref="CertificateFile"/>)</summary>
    public string? KeyFile { get; init; }

    /// <summary>Takes whatever certificate the target shows: tests of a lab only, and said in every result. (default: false)</summary>
    public bool Insecure { get; init; }

    /// <summary>The name that calls carry as <c>:authority</c> and that the target's certificate must be for. (default: the address's host and port)</summary>
    public string? Authority { get; init; }

    /// <summary>How often the addresses behind a <c>dns:</c> target are asked for again. (default: 30 s, as gRPC's own resolver)</summary>
    public TimeSpan ResolveEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True when something in here makes sense with TLS only.</summary>
    [JsonIgnore]
    public bool NeedsTls => Tls || Insecure || CaFile is not null || CertificateFile is not null;
}
