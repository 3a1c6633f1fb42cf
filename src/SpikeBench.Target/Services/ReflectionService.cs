using Google.Protobuf.Reflection;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Wire.Reflection.V1;

namespace SpikeBench.Target.Services;

/// <summary>
/// Server reflection (grpc/grpc doc/server-reflection.md), v1 and v1alpha: the two differ in their package only, so one handler and
/// one set of message types speak both.
/// </summary>
internal sealed class ReflectionService
{
    private readonly string[] _services;
    private readonly Dictionary<string, FileDescriptor> _filesByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _filesBySymbol = new(StringComparer.Ordinal);

    public ReflectionService(IReadOnlyList<FileDescriptor> files, IEnumerable<string> services)
    {
        _services = [.. services.Order(StringComparer.Ordinal)];
        foreach (FileDescriptor file in files)
        {
            Add(file);
        }
    }

    public static IReadOnlyList<FileDescriptor> OwnFiles { get; } =
        [ReflectionReflection.Descriptor, Wire.Reflection.V1Alpha.ReflectionV1AlphaReflection.Descriptor];

    public IReadOnlyList<GrpcMethod> Methods => [Method("grpc.reflection.v1"), Method("grpc.reflection.v1alpha")];

    private DuplexMethod<ServerReflectionRequest, ServerReflectionResponse> Method(string package) =>
        new(package + ".ServerReflection", "ServerReflectionInfo", ServerReflectionRequest.Parser, InfoAsync);

    private async ValueTask<GrpcStatus> InfoAsync(
        GrpcCall call, RequestStream<ServerReflectionRequest> requests, ReplyStream<ServerReflectionResponse> replies)
    {
        while (await requests.ReadAsync().ConfigureAwait(false) is { } request)
        {
            await replies.WriteAsync(Answer(request)).ConfigureAwait(false);
        }

        return GrpcStatus.Ok;
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var answer = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                answer.ListServicesResponse = new ListServiceResponse();
                answer.ListServicesResponse.Service.AddRange(_services.Select(name => new ServiceResponse { Name = name }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFile(answer, _filesByName.GetValueOrDefault(request.FileByFilename));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFile(answer, _filesBySymbol.GetValueOrDefault(request.FileContainingSymbol));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType
                when _filesBySymbol.ContainsKey(request.AllExtensionNumbersOfType):
                // proto3 messages have no extensions: known types have the empty list.
                answer.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            default:
                AnswerFile(answer, null);
                break;
        }

        return answer;
    }

    /// <summary>The file and all that it imports, itself first: a client can build its pool from this one answer.</summary>
    private static void AnswerFile(ServerReflectionResponse answer, FileDescriptor? file)
    {
        if (file is null)
        {
            answer.ErrorResponse = new ErrorResponse { ErrorCode = (int)GrpcCode.NotFound, ErrorMessage = "not found" };
            return;
        }

        answer.FileDescriptorResponse = new FileDescriptorResponse();
        var sent = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<FileDescriptor>([file]);
        while (open.TryDequeue(out FileDescriptor? next))
        {
            if (sent.Add(next.Name))
            {
                answer.FileDescriptorResponse.FileDescriptorProto.Add(next.SerializedData);
                foreach (FileDescriptor import in next.Dependencies)
                {
                    open.Enqueue(import);
                }
            }
        }
    }

    private void Add(FileDescriptor file)
    {
        if (!_filesByName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (ServiceDescriptor service in file.Services)
        {
            _filesBySymbol[service.FullName] = file;
            foreach (MethodDescriptor method in service.Methods)
            {
                _filesBySymbol[method.FullName] = file;
            }
        }

        foreach (EnumDescriptor type in file.EnumTypes)
        {
            _filesBySymbol[type.FullName] = file;
        }

        foreach (MessageDescriptor message in file.MessageTypes)
        {
            AddMessage(file, message);
        }

        foreach (FileDescriptor import in file.Dependencies)
        {
            Add(import);
        }
    }

    private void AddMessage(FileDescriptor file, MessageDescriptor message)
    {
        _filesBySymbol[message.FullName] = file;
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            _filesBySymbol[field.FullName] = file;
        }

        foreach (EnumDescriptor type in message.EnumTypes)
        {
            _filesBySymbol[type.FullName] = file;
        }

        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            AddMessage(file, nested);
        }
    }
}
