using System.Xml.Linq;

namespace SpikeBench.Tests.Architecture;

/// <summary>The arrows between projects, read from the project files: a new one is a decision, not an accident.</summary>
public sealed class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["SpikeBench.Histograms"] = [],
        ["SpikeBench.Core"] = ["SpikeBench.Histograms"],
        ["SpikeBench.Grpc"] = ["SpikeBench.Core"],
        ["SpikeBench.Reporting"] = ["SpikeBench.Core"],
        ["SpikeBench.Target"] = [],
        ["SpikeBench.Cli"] = ["SpikeBench.Core", "SpikeBench.Grpc", "SpikeBench.Reporting", "SpikeBench.Target"],
    };

    [Fact]
    public void Projects_point_only_where_the_design_lets_them()
    {
        string source = Path.Combine(Repository.Root, "src");
        foreach (string file in Directory.EnumerateFiles(source, "*.csproj", SearchOption.AllDirectories).Where(f => !f.Contains("Adapters", StringComparison.Ordinal)))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            Allowed.ShouldContainKey(name, $"{name} is a new project: say here what it may point to");
            ReferencesOf(file).ShouldBeSubsetOf(Allowed[name], name);
        }
    }

    [Fact]
    public void Core_references_one_package_and_histograms_none()
    {
        PackagesOf("SpikeBench.Core").ShouldBe(["MathNet.Numerics"]);
        PackagesOf("SpikeBench.Histograms").ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_command_line_knows_yaml()
    {
        foreach (string name in Allowed.Keys.Where(n => n != "SpikeBench.Cli"))
        {
            PackagesOf(name).ShouldNotContain("YamlDotNet", name);
        }
    }

    private static string[] ReferencesOf(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))];

    private static string[] PackagesOf(string name) =>
        [.. XDocument.Load(Path.Combine(Repository.Root, "src", name, name + ".csproj")).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value)];
}
