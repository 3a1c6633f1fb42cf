using Google.Protobuf.Reflection;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Messenger.V1;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>The methods that can be called and the messages that they take: what a service's descriptors say.</summary>
public sealed class Contract
{
    private readonly SortedDictionary<string, MethodDescriptor> _methods = new(StringComparer.Ordinal);

    /// <param name="files">The descriptors; what they import is found by itself.</param>
    /// <param name="origin">Where they are from, for people: <c>reflection (v1)</c>, <c>chat.protoset</c>.</param>
    public Contract(IReadOnlyList<FileDescriptor> files, string origin)
    {
        Origin = origin;
        Types = new MessageTypes(files);
        foreach (MethodDescriptor method in files.SelectMany(f => f.Services).SelectMany(s => s.Methods))
        {
            _methods[NameOf(method)] = method;
        }

        Hash = Sha256.OfText(string.Concat(files.Select(f => Sha256.Of(f.SerializedData.Span)).Order(StringComparer.Ordinal)));
    }

    /// <summary>The reference messenger's.</summary>
    public static Contract BuiltIn { get; } = new([MessengerReflection.Descriptor], "built in");

    /// <summary>Where the descriptors are from.</summary>
    public string Origin { get; }

    /// <summary>Of the descriptors, whatever their order.</summary>
    public string Hash { get; }

    /// <summary>What <c>Any</c> and extensions are looked up in.</summary>
    public MessageTypes Types { get; }

    /// <summary>The methods by name, <c>package.Service/Method</c>, in that order.</summary>
    public IReadOnlyDictionary<string, MethodDescriptor> Methods => _methods;

    /// <summary>The services, in the order of their names.</summary>
    public IReadOnlyList<ServiceDescriptor> Services => [.. _methods.Values.Select(m => m.Service).DistinctBy(s => s.FullName)];

    /// <summary>A method's name: <c>package.Service/Method</c>.</summary>
    public static string NameOf(MethodDescriptor method) => $"{method.Service.FullName}/{method.Name}";

    /// <summary>A method's name in the form that this and profiles have it: <c>/a.B/C</c> and <c>a.B.C</c> become <c>a.B/C</c>.</summary>
    public static string Canonical(string call)
    {
        string name = call.TrimStart('/');
        int dot = name.LastIndexOf('.');
        return name.Contains('/', StringComparison.Ordinal) || dot < 0 ? name : name[..dot] + "/" + name[(dot + 1)..];
    }

    /// <summary>The service of a method's name.</summary>
    public static string ServiceOf(string call) => Canonical(call).Split('/')[0];

    /// <summary>The method of a name, or null.</summary>
    public MethodDescriptor? Find(string call) => _methods.GetValueOrDefault(Canonical(call));

    /// <summary>What to tell a user about a method that is not here.</summary>
    public string Unknown(string call)
    {
        string name = Canonical(call);
        string[] siblings = [.. _methods.Keys.Where(m => ServiceOf(m) == ServiceOf(name))];
        string[] services = [.. Services.Select(s => s.FullName)];
        return siblings.Length > 0
            ? $"'{name}' is not a method of {ServiceOf(name)}; it has {string.Join(", ", siblings.Select(m => m.Split('/')[1]))}{Suggestion.DidYouMean(name, siblings)}"
            : this == BuiltIn
                ? $"'{name}' is of another service than the reference messenger's{Suggestion.DidYouMean(name, _methods.Keys)}; what it takes is asked of its target (--target), or read from a file (--protoset, --proto, or contract in the profile)"
            : services.Length > 0
                ? $"'{name}' is of no service that is known here ({Origin}); there {(services.Length == 1 ? "is" : "are")} {string.Join(", ", services)}{Suggestion.DidYouMean(name, _methods.Keys)}"
                : $"'{name}' is not known: there is no service ({Origin})";
    }
}
