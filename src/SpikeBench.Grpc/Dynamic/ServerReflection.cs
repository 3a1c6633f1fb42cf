using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Exchange;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Asks a target for its own contract by gRPC server reflection, v1 or the v1alpha of before (grpc/grpc, doc/server-reflection.md).</summary>
public sealed class ServerReflection
{
    private static readonly string[] Versions = ["v1", "v1alpha"];

    private readonly GrpcExchange _target;
    private readonly string _shown;
    private readonly string _version;

    private ServerReflection(GrpcExchange target, string shown, string version, IReadOnlyList<string> services)
    {
        _target = target;
        _shown = shown;
        _version = version;
        Services = services;
    }

    /// <summary>The services that the target has.</summary>
    public IReadOnlyList<string> Services { get; }

    /// <summary>Finds out which version the target speaks, and which services it has.</summary>
    /// <param name="target">The connection.</param>
    /// <param name="shown">The target's address, for messages.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TargetException">It does not answer, or has no reflection.</exception>
    public static async Task<ServerReflection> OpenAsync(GrpcExchange target, string shown, CancellationToken cancel)
    {
        GrpcReply? refusal = null;
        foreach (string version in Versions)
        {
            GrpcReply reply = await target.CallAsync(PathOf(version), [ReflectionMessages.ListServices()], cancel).ConfigureAwait(false);
            if (reply.Status == GrpcStatus.Ok && reply.Messages.Count > 0)
            {
                ReflectionAnswer answer = Read(reply.Messages[0], shown);
                string[] services = [.. answer.Services.Order(StringComparer.Ordinal)];
                return new ServerReflection(target, shown, version, services);
            }

            refusal ??= reply;
            if (reply.Status != GrpcStatus.Unimplemented)
            {
                throw new TargetException($"{shown}: asked for its services by reflection, it answered {Describe(reply)}{Hint(reply.Status)}");
            }
        }

        throw new TargetException($"{shown} does not offer server reflection (it answered {Describe(refusal!)}): give its contract with --protoset FILE or --proto FILE");
    }

    /// <summary>The contract of some of the services, or of all.</summary>
    /// <param name="services">Full names; null: all.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UsageException">The target has no such service.</exception>
    /// <exception cref="TargetException">It does not tell what it was asked.</exception>
    public async Task<Contract> LoadAsync(IReadOnlyList<string>? services, CancellationToken cancel)
    {
        string? unknown = services?.FirstOrDefault(s => !Services.Contains(s));
        if (unknown is not null)
        {
            throw new UsageException($"{_shown} has no service '{unknown}'; it has {string.Join(", ", Services)}{Suggestion.DidYouMean(unknown, Services)}");
        }

        var files = new Dictionary<string, FileDescriptorProto>();
        IReadOnlyList<byte[]> wanted = [.. (services ?? Services).Distinct().Select(ReflectionMessages.FileOfSymbol)];
        while (wanted.Count > 0)
        {
            await AskAsync(wanted, files, cancel).ConfigureAwait(false);
            wanted = [.. DescriptorFiles.Missing(files.Values).Select(ReflectionMessages.FileByName)];
        }

        try
        {
            return new Contract(DescriptorFiles.Build(files.Values), $"reflection {_version}");
        }
        catch (UsageException e)
        {
            throw new TargetException($"{_shown}: what reflection told does not hold together: {e.Message}", e);
        }
    }

    /// <summary>All questions in one call; each answer names one file at least, or the end is here.</summary>
    private async Task AskAsync(IReadOnlyList<byte[]> questions, Dictionary<string, FileDescriptorProto> files, CancellationToken cancel)
    {
        int before = files.Count;
        GrpcReply reply = await _target.CallAsync(PathOf(_version), questions, cancel).ConfigureAwait(false);
        foreach (ReflectionAnswer answer in reply.Messages.Select(m => Read(m, _shown)))
        {
            if (answer.Error is { } error)
            {
                throw new TargetException($"{_shown}: reflection answered {error}: give its contract with --protoset FILE or --proto FILE");
            }

            foreach (ByteString file in answer.Files)
            {
                FileDescriptorProto parsed = Parse(file);
                files.TryAdd(parsed.Name, parsed);
            }
        }

        if (files.Count == before)
        {
            throw new TargetException($"{_shown}: reflection answered {Describe(reply)} and told of no file: give its contract with --protoset FILE or --proto FILE");
        }
    }

    private FileDescriptorProto Parse(ByteString file)
    {
        try
        {
            return DescriptorFiles.Parse(file);
        }
        catch (WireException e)
        {
            throw new TargetException($"{_shown}: reflection answered with what is no descriptor: {e.Message}", e);
        }
    }

    private static ReflectionAnswer Read(byte[] message, string shown)
    {
        try
        {
            return ReflectionMessages.Read(message);
        }
        catch (WireException e)
        {
            throw new TargetException($"{shown}: its answer to reflection is no message: {e.Message}", e);
        }
    }

    private static string PathOf(string version) => $"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo";

    private static string Describe(GrpcReply reply) => GrpcStatus.Name(reply.Status) + (reply.StatusMessage.Length == 0 ? "" : $": {reply.StatusMessage}");

    private static string Hint(byte status) => status is GrpcStatus.Unauthenticated or GrpcStatus.PermissionDenied
        ? ": give what it wants with --metadata, or its contract with --protoset FILE or --proto FILE"
        : "";
}

/// <summary>One answer of reflection.</summary>
/// <param name="Files">Serialized descriptors.</param>
/// <param name="Services">Full names.</param>
/// <param name="Error">Code and text; null without one.</param>
internal sealed record ReflectionAnswer(IReadOnlyList<ByteString> Files, IReadOnlyList<string> Services, string? Error);

/// <summary>
/// The messages of grpc.reflection.v1 and v1alpha, which differ in nothing but their package. Request: file_by_filename = 3,
/// file_containing_symbol = 4, list_services = 7. Response: file_descriptor_response = 4 {file_descriptor_proto = 1}, list_services_response = 6
/// {service = 1 {name = 1}}, error_response = 7 {error_code = 1, error_message = 2}.
/// </summary>
internal static class ReflectionMessages
{
    public static byte[] FileByName(string name) => Request(3, name);

    public static byte[] FileOfSymbol(string symbol) => Request(4, symbol);

    public static byte[] ListServices() => Request(7, "*");

    public static ReflectionAnswer Read(ReadOnlySpan<byte> message)
    {
        var files = new List<ByteString>();
        var services = new List<string>();
        string? error = null;
        var reader = new WireReader(message);
        while (Next(ref reader, out int field, out ReadOnlySpan<byte> inner, out _))
        {
            var part = new WireReader(inner);
            int code = 0;
            while (field is 4 or 6 or 7 && Next(ref part, out int innerField, out ReadOnlySpan<byte> bytes, out ulong number))
            {
                switch (field, innerField)
                {
                    case (4, 1):
                        files.Add(ByteString.CopyFrom(bytes));
                        break;
                    case (6, 1):
                        var service = new WireReader(bytes);
                        while (Next(ref service, out int nameField, out ReadOnlySpan<byte> name, out _))
                        {
                            services.AddRange(nameField == 1 ? [Encoding.UTF8.GetString(name)] : []);
                        }

                        break;
                    case (7, 1):
                        code = (int)number;
                        error = GrpcStatus.Name(code);
                        break;
                    case (7, 2):
                        error = $"{GrpcStatus.Name(code)}: {Encoding.UTF8.GetString(bytes)}";
                        break;
                }
            }
        }

        return new ReflectionAnswer(files, services, error);
    }

    private static byte[] Request(int field, string value)
    {
        var wire = new WireBuffer();
        wire.Tag(field, WireFormat.WireType.LengthDelimited);
        wire.Text(value);
        return wire.ToArray();
    }

    /// <summary>The next record that is bytes or a number; others are passed over.</summary>
    private static bool Next(ref WireReader reader, out int field, out ReadOnlySpan<byte> bytes, out ulong number)
    {
        field = 0;
        bytes = default;
        number = 0;
        while (!reader.AtEnd)
        {
            (field, WireFormat.WireType type) = reader.Tag();
            switch (type)
            {
                case WireFormat.WireType.LengthDelimited:
                    bytes = reader.Bytes();
                    return true;
                case WireFormat.WireType.Varint:
                    number = reader.Varint();
                    return true;
                default:
                    reader.Skip(field, type, 1);
                    break;
            }
        }

        return false;
    }
}
