using System.CommandLine;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Commands;

/// <summary>The flags that say where a target's contract is read, the same for every command that encodes messages.</summary>
internal sealed class ContractFlags
{
    private readonly Option<string[]> _protoset = new("--protoset") { Description = "a set of descriptors, made with protoc --include_imports --descriptor_set_out; may be repeated", HelpName = "FILE" };
    private readonly Option<string[]> _proto = new("--proto") { Description = "a .proto file of the target's; may be repeated", HelpName = "FILE" };
    private readonly Option<string[]> _importPath = new("--import-path", "-I") { Description = "where the imports of --proto are looked for (default: the files' own folders); may be repeated", HelpName = "DIR" };

    public void AddTo(Command command)
    {
        command.Options.Add(_protoset);
        command.Options.Add(_proto);
        command.Options.Add(_importPath);
    }

    /// <summary>What was given; null where nothing was.</summary>
    /// <exception cref="UsageException">The flags contradict each other.</exception>
    public ContractSource? Of(ParseResult parsed)
    {
        string[] protosets = parsed.GetValue(_protoset) ?? [], protos = parsed.GetValue(_proto) ?? [], importPaths = parsed.GetValue(_importPath) ?? [];
        if (protosets.Length > 0 && protos.Length > 0)
        {
            throw new UsageException("--protoset and --proto: give one of the two");
        }

        if (importPaths.Length > 0 && protos.Length == 0)
        {
            throw new UsageException("--import-path is for --proto, which is not given");
        }

        return protosets.Length + protos.Length == 0 ? null : new ContractSource(protosets, protos, importPaths);
    }
}
