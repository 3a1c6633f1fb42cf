using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Messages by name and extensions by name or number: what <c>Any</c> and proto2's extensions are resolved with.</summary>
public sealed class MessageTypes
{
    private static readonly ConditionalWeakTable<FileDescriptor, MessageTypes> OfFiles = [];

    private readonly Dictionary<string, MessageDescriptor> _messages = [];
    private readonly Dictionary<string, FieldDescriptor> _extensions = [];
    private readonly Dictionary<(string Message, int Number), FieldDescriptor> _byNumber = [];

    /// <summary>All that stands in the given files and in those that they import.</summary>
    public MessageTypes(IEnumerable<FileDescriptor> files)
    {
        var seen = new HashSet<string>();
        var left = new Stack<FileDescriptor>(files);
        while (left.TryPop(out FileDescriptor? file))
        {
            if (!seen.Add(file.Name))
            {
                continue;
            }

            foreach (FileDescriptor import in file.Dependencies)
            {
                left.Push(import);
            }

            Add(file.Extensions);
            foreach (MessageDescriptor message in file.MessageTypes)
            {
                Add(message);
            }
        }
    }

    /// <summary>What one file sees.</summary>
    public static MessageTypes Of(FileDescriptor file) => OfFiles.GetValue(file, f => new MessageTypes([f]));

    /// <summary>A message by its full name, or null.</summary>
    public MessageDescriptor? Find(string fullName) => _messages.GetValueOrDefault(fullName);

    /// <summary>An extension by its full name, or null.</summary>
    public FieldDescriptor? FindExtension(MessageDescriptor of, string fullName) =>
        _extensions.TryGetValue(fullName, out FieldDescriptor? found) && found.ExtendeeType.FullName == of.FullName ? found : null;

    /// <summary>An extension by its number, or null.</summary>
    public FieldDescriptor? FindExtension(MessageDescriptor of, int number) => _byNumber.GetValueOrDefault((of.FullName, number));

    private void Add(MessageDescriptor message)
    {
        _messages[message.FullName] = message;
        Add(message.Extensions);
        foreach (MessageDescriptor nested in message.NestedTypes)
        {
            Add(nested);
        }
    }

    private void Add(ExtensionCollection extensions)
    {
        foreach (FieldDescriptor extension in extensions.UnorderedExtensions)
        {
            _extensions[extension.FullName] = extension;
            _byNumber[(extension.ExtendeeType.FullName, extension.FieldNumber)] = extension;
        }
    }
}
