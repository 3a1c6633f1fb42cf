using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Exchange;

namespace SpikeBench.Cli.Commands;

/// <summary>What <c>call</c> says beside the reply itself.</summary>
internal static class CallText
{
    /// <summary>How the call went, what it took, and its headers.</summary>
    public static string Head(string target, MethodDescriptor method, Contract contract, GrpcReply reply, ConnectTimings timings)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Contract.NameOf(method)} at {target}, contract: {contract.Origin}\n");
        text.Append(CultureInfo.InvariantCulture, $"{GrpcStatus.Name(reply.Status)} in {Units.Duration(reply.TotalNs)}: name {Step(timings.ResolveNs)}, connect {Step(timings.ConnectNs)}, TLS {Step(timings.TlsNs)}, first byte {Units.Duration(reply.FirstByteNs)} after the start\n");
        Fields(text, "header", reply.Headers);
        return text.ToString();
    }

    /// <summary>The trailers.</summary>
    public static string Tail(GrpcReply reply)
    {
        var text = new StringBuilder();
        Fields(text, "trailer", reply.Trailers);
        return text.ToString();
    }

    /// <summary>What went wrong and what may mend it.</summary>
    public static string Failure(string method, GrpcReply reply)
    {
        string said = reply.StatusMessage.Length == 0 ? "" : $": {Printable(reply.StatusMessage)}";
        string hint = reply.Status switch
        {
            GrpcStatus.Unimplemented => ". 'spikebench call TARGET' lists what the target has.",
            GrpcStatus.Unauthenticated or GrpcStatus.PermissionDenied => ". Give what it wants with --metadata or --token-file.",
            GrpcStatus.DeadlineExceeded => ". Give it longer with --deadline.",
            _ => "",
        };
        return $"{method} answered {GrpcStatus.Name(reply.Status)}{said}{hint}";
    }

    private static string Step(long? ns) => ns is { } some ? Units.Duration(some) : "none";

    private static void Fields(StringBuilder text, string kind, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        foreach ((string name, string value) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"{kind} {Printable(name)}: {Printable(value)}\n");
        }
    }

    /// <summary>What a target sends does not move the cursor.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
}
