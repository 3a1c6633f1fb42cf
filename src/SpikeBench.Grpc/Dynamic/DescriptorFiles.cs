using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Turns the files of a contract, in any order, into descriptors.</summary>
internal static class DescriptorFiles
{
    /// <summary>What comes with every protobuf: a set may leave these out.</summary>
    private static readonly Dictionary<string, FileDescriptor> WellKnown = new[]
    {
        AnyReflection.Descriptor, ApiReflection.Descriptor, DurationReflection.Descriptor, EmptyReflection.Descriptor, FieldMaskReflection.Descriptor,
        SourceContextReflection.Descriptor, StructReflection.Descriptor, TimestampReflection.Descriptor, TypeReflection.Descriptor,
        WrappersReflection.Descriptor, FileDescriptor.DescriptorProtoFileDescriptor,
    }.ToDictionary(f => f.Name);

    /// <summary>True for a file that comes with every protobuf.</summary>
    public static bool IsWellKnown(string name) => WellKnown.ContainsKey(name);

    /// <summary>The files of a FileDescriptorSet, as its bytes hold them (field 1, repeated).</summary>
    /// <exception cref="WireException">The bytes are no such set.</exception>
    public static IReadOnlyList<ByteString> OfSet(ReadOnlySpan<byte> set)
    {
        var files = new List<ByteString>();
        var reader = new WireReader(set);
        while (!reader.AtEnd)
        {
            (int field, WireFormat.WireType type) = reader.Tag();
            if (field != 1 || type != WireFormat.WireType.LengthDelimited)
            {
                throw new WireException("it holds something else than files");
            }

            files.Add(ByteString.CopyFrom(reader.Bytes()));
        }

        return files;
    }

    /// <summary>A file as a message.</summary>
    /// <exception cref="WireException">The bytes are none.</exception>
    public static FileDescriptorProto Parse(ByteString file)
    {
        try
        {
            return FileDescriptorProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new WireException(e.Message);
        }
    }

    /// <summary>The files that others import and that are not among them; those that come with every protobuf are not missed.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyCollection<FileDescriptorProto> files)
    {
        HashSet<string> there = [.. files.Select(f => f.Name)];
        return [.. files.SelectMany(f => f.Dependency).Where(d => !there.Contains(d) && !IsWellKnown(d)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Links the files.</summary>
    /// <exception cref="UsageException">An import is missing, or the files contradict each other.</exception>
    public static IReadOnlyList<FileDescriptor> Build(IEnumerable<FileDescriptorProto> files)
    {
        var byName = new Dictionary<string, FileDescriptorProto>();
        foreach (FileDescriptorProto file in files)
        {
            byName.TryAdd(file.Name, file);
        }

        var ordered = new List<ByteString>();
        var done = new HashSet<string>();
        foreach (string name in byName.Keys.ToList())
        {
            Add(name, name, []);
        }

        try
        {
            return FileDescriptor.BuildFromByteStrings(ordered);
        }
        catch (Exception e) when (e is DescriptorValidationException or ArgumentException)
        {
            throw new UsageException($"the files do not fit together: {e.Message}");
        }

        // What a file imports comes before it.
        void Add(string name, string importer, HashSet<string> above)
        {
            if (!done.Contains(name) && above.Add(name))
            {
                FileDescriptorProto file = byName.GetValueOrDefault(name) ?? WellKnown.GetValueOrDefault(name)?.ToProto()
                    ?? throw new UsageException($"{importer} imports {name}, which is not there: a set of descriptors must be made with protoc --include_imports");
                foreach (string import in file.Dependency)
                {
                    Add(import, name, above);
                }

                ordered.Add(EditionLowering.Lower(file).ToByteString());
                done.Add(name);
            }
        }
    }
}
