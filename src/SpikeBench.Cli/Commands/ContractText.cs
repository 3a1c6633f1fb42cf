using System.Text;
using Google.Protobuf.Reflection;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Cli.Commands;

/// <summary>Lists what can be called.</summary>
internal static class ContractText
{
    /// <summary>The methods under their services, with what they take and give.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="service">One service's full name; null: all.</param>
    public static string List(Contract contract, string? service)
    {
        var text = new StringBuilder();
        foreach (ServiceDescriptor each in contract.Services.Where(s => service is null || s.FullName == service))
        {
            text.Append(each.FullName).Append('\n');
            foreach (MethodDescriptor method in each.Methods.OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                text.Append("  ").Append(method.Name)
                    .Append('(').Append(Type(method.InputType, method.IsClientStreaming, each)).Append(") returns (")
                    .Append(Type(method.OutputType, method.IsServerStreaming, each)).Append(")\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A message's name, without the package where that is the service's own.</summary>
    private static string Type(MessageDescriptor type, bool streams, ServiceDescriptor service)
    {
        string package = service.File.Package + ".";
        string name = type.FullName.StartsWith(package, StringComparison.Ordinal) ? type.FullName[package.Length..] : type.FullName;
        return (streams ? "stream " : "") + name;
    }
}
