using System.Net.Sockets;
using System.Security.Authentication;
using SpikeBench.Core;
using SpikeBench.Grpc.Exchange;

namespace SpikeBench.Grpc.Http;

/// <summary>Says why a target cannot be talked to, and what to do: one line for each way that we know.</summary>
public static class ConnectFailure
{
    private const string OtherPort = "is the port right?";
    private const string OldHttp = "speaks TLS, but HTTP/1.1 only: gRPC needs HTTP/2; offer h2 there (ALPN), or give its gRPC port";

    /// <summary>
    /// What ends a run that cannot connect before T0: the target's failure, or this machine's where it refused the connection. Where the
    /// failure leaves open what the port speaks, it is asked.
    /// </summary>
    /// <param name="factory">Whose handler failed.</param>
    /// <param name="e">How.</param>
    /// <param name="cancel">Gives up asking.</param>
    /// <returns>A <see cref="TargetException"/>, or a <see cref="GeneratorException"/>.</returns>
    public static async Task<Exception> OfAsync(HandlerFactory factory, HttpRequestException e, CancellationToken cancel)
    {
        TargetLocation at = factory.Location;
        if (OwnShortage.Of(e, at.UnixPath is null) is { } lacking)
        {
            return OwnShortage.Refused(Shown(at), lacking);
        }

        if (!IsAnswer(e) && OwnShortage.Now() is { } lackingNow)
        {
            return OwnShortage.Refused(Shown(at), lackingNow);
        }

        string? speaks = IsReached(factory, e) ? await PortProbe.DescribeAsync(at, cancel).ConfigureAwait(false) : null;
        return new TargetException(speaks is null ? Explain(factory, e) : $"{Shown(at)} {speaks}", e);
    }

    /// <summary>The line for an exception of a handler of <paramref name="factory"/>.</summary>
    public static string Explain(HandlerFactory factory, HttpRequestException e)
    {
        TargetLocation at = factory.Location;
        SocketException? socket = Find<SocketException>(e);
        string? reason = socket is not null ? OfSocket(at, socket)
            : e.HttpRequestError == HttpRequestError.NameResolutionError ? $"the name {at.Host} does not resolve"
            : e.HttpRequestError == HttpRequestError.VersionNegotiationError ? OldHttp
            : at.IsTls ? OfTls(factory, e)
            : e.HttpRequestError is HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded
                ? $"does not speak HTTP/2 without TLS (h2c): is it a TLS port (then {PortProbe.WithTls(at)}), or an HTTP/1 one?"
            : null;
        return $"{Shown(at)}: {reason ?? $"cannot be reached: {Innermost(e)}"}";
    }

    /// <summary>The line for no answer in time.</summary>
    public static string TimedOut(HandlerFactory factory, TimeSpan limit) =>
        $"{Shown(factory.Location)} did not answer within {limit.TotalSeconds:0.#} s: is it up, and {OtherPort}";

    /// <summary>The line for an answer that is HTTP/2 and not gRPC.</summary>
    public static string NotGrpc(HandlerFactory factory) => $"{Shown(factory.Location)} answers HTTP/2 but not gRPC: check the address and the port";

    /// <summary>The network or the target said why; else it may be that this machine could not open what it needed.</summary>
    private static bool IsAnswer(HttpRequestException e) => Find<SocketException>(e) is
    {
        SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.TimedOut
    };

    /// <summary>Something is there, and it is not that its certificate is not trusted: what it speaks is the question.</summary>
    private static bool IsReached(HandlerFactory factory, HttpRequestException e) =>
        factory.Objection is null
        && e.HttpRequestError is not (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.VersionNegotiationError)
        && !Chain(e).Any(c => c is SocketException { SocketErrorCode: not SocketError.ConnectionReset } || c.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase));

    private static string Shown(TargetLocation at) => at.UnixPath is { } path ? $"unix://{path}" : at.Target.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string OfSocket(TargetLocation at, SocketException e) => e.SocketErrorCode switch
    {
        _ when at.UnixPath is { } path && !Path.Exists(path) => "there is no such socket: is the target up, and the path right?",
        SocketError.ConnectionRefused => "nothing listens there: start the target, or leave --target out to use the reference messenger",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the name {at.Host} does not resolve",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown => $"no way leads to {at.Host}: {e.Message}",
        SocketError.TimedOut => $"no connection came about: is {at.Host} up, and does a firewall let us through?",
        SocketError.ConnectionReset when at.IsTls => MaybeClientCertificate("it hung up in the TLS handshake"),
        SocketError.ConnectionReset => $"hung up at the first words: is it a TLS port (then {PortProbe.WithTls(at)}), or not gRPC at all?",
        SocketError.AccessDenied => $"not ours to connect to: {e.Message}",
        _ => $"cannot be reached: {e.Message}",
    };

    private static string OfTls(HandlerFactory factory, HttpRequestException e)
    {
        if (factory.Objection is { } objection)
        {
            return objection;
        }

        string text = string.Join(' ', Chain(e).Select(x => x.Message));
        return Has("frame size", "corrupted frame", "wrong version number") ? $"does not speak TLS there: is it cleartext (then {PortProbe.WithoutTls(factory.Location)})?"
            : Has("application protocol") ? OldHttp
            : Has("protocol version", "unsupported protocol", "no protocols available") ? "speaks no version of TLS that this machine does: allow TLS 1.2 or 1.3 there"
            : Has("unrecognized name") ? $"knows no host of the name {factory.Location.Base.DnsSafeHost}: give the name it goes by with --authority"
            : Has("certificate required", "bad certificate", "unknown ca", "certificate unknown", "certificate expired", "handshake failure")
                ? MaybeClientCertificate("it ended the TLS handshake")
            : Find<AuthenticationException>(e) is { } tls ? $"the TLS handshake failed: {(tls.InnerException ?? tls).Message}"
            : MaybeClientCertificate("it hung up right after the TLS handshake");

        bool Has(params string[] parts) => parts.Any(p => text.Contains(p, StringComparison.OrdinalIgnoreCase));
    }

    private static string MaybeClientCertificate(string what) =>
        $"{what}: does it want a client certificate (--cert FILE --key FILE), one of an authority that it knows?";

    private static IEnumerable<Exception> Chain(Exception e)
    {
        for (Exception? at = e; at is not null; at = at.InnerException)
        {
            yield return at;
        }
    }

    private static T? Find<T>(Exception e)
        where T : Exception => Chain(e).OfType<T>().FirstOrDefault();

    private static string Innermost(Exception e) => Chain(e).Last().Message;
}
