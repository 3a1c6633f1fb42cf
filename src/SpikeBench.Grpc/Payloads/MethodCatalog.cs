using Google.Protobuf.Reflection;
using SpikeBench.Core.Profiles;
using SpikeBench.Messenger.V1;

namespace SpikeBench.Grpc.Payloads;

/// <summary>The methods whose messages this version can encode: those of the reference messenger, whose contract is built in.</summary>
internal static class MethodCatalog
{
    private static readonly Dictionary<string, MethodDescriptor> Methods = MessengerReflection.Descriptor.Services
        .SelectMany(s => s.Methods)
        .ToDictionary(m => $"{m.Service.FullName}/{m.Name}");

    /// <summary>The method of <c>package.Service/Method</c>, or null.</summary>
    public static MethodDescriptor? Find(string call) => Methods.GetValueOrDefault(call);

    /// <summary>What to tell a user about a method that is not here.</summary>
    public static string Unknown(string call)
    {
        var unary = Methods.Where(m => !m.Value.IsClientStreaming && !m.Value.IsServerStreaming).Select(m => m.Key).ToList();
        return $"'{call}' is not a method that this version can encode messages for; there are {string.Join(", ", unary)}{Suggestion.DidYouMean(call, unary)}";
    }
}
