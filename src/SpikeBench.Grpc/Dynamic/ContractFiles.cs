using Google.Protobuf.Reflection;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Reads a contract from files: sets of descriptors, or .proto files through protoc.</summary>
public static class ContractFiles
{
    private const long MostBytes = 64 * 1024 * 1024;

    /// <summary>A contract from sets of descriptors, as <c>protoc --include_imports --descriptor_set_out</c> writes them.</summary>
    /// <exception cref="UsageException">A file cannot be read or is no such set.</exception>
    public static Contract OfProtosets(IReadOnlyList<string> paths) =>
        new(DescriptorFiles.Build(paths.SelectMany(ReadSet)), string.Join(", ", paths.Select(p => Path.GetFileName(p))));

    /// <summary>A contract from .proto files.</summary>
    /// <param name="protos">The files.</param>
    /// <param name="importPaths">Where imports are looked for, beside the folders of the files themselves.</param>
    /// <param name="compiler">Compiles them.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UsageException">A file cannot be read or does not compile.</exception>
    public static async Task<Contract> OfProtosAsync(IReadOnlyList<string> protos, IReadOnlyList<string> importPaths, ProtoCompiler compiler, CancellationToken cancel)
    {
        byte[] set = await compiler.CompileAsync(protos, importPaths, cancel).ConfigureAwait(false);
        string origin = string.Join(", ", protos.Select(p => Path.GetFileName(p)));
        return new Contract(DescriptorFiles.Build(Files(set, origin)), origin);
    }

    private static IEnumerable<FileDescriptorProto> ReadSet(string path)
    {
        byte[] bytes;
        try
        {
            if (Directory.Exists(path))
            {
                throw new UsageException($"{path}: is a folder; give the file that protoc --descriptor_set_out wrote");
            }

            long length = new FileInfo(path).Length;
            bytes = length <= MostBytes ? File.ReadAllBytes(path) : throw new UsageException($"{path}: has {length / 1024 / 1024} MB; a set of descriptors has at most {MostBytes / 1024 / 1024}");
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"{path}: there is no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}");
        }

        return Path.GetExtension(path) == ".proto" && !(bytes is [0x0A, ..])
            ? throw new UsageException($"{path}: is not a set of descriptors but a .proto file: give it with --proto")
            : Files(bytes, path);
    }

    private static List<FileDescriptorProto> Files(byte[] set, string name)
    {
        try
        {
            List<FileDescriptorProto> files = [.. DescriptorFiles.OfSet(set).Select(DescriptorFiles.Parse)];
            return files.Count > 0 && files.TrueForAll(f => f.Name.Length > 0)
                ? files
                : throw new WireException("it holds no files");
        }
        catch (WireException e)
        {
            throw new UsageException($"{name}: is not a set of descriptors ({e.Message}): make it with protoc --include_imports --descriptor_set_out={Path.GetFileName(name)} …, or give the .proto files with --proto");
        }
    }
}
