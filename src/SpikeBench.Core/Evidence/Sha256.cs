using System.Security.Cryptography;
using System.Text;

namespace SpikeBench.Core.Evidence;

/// <summary>SHA-256 as every file of ours writes it: <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
public static class Sha256
{
    private const string Prefix = "sha256:";

    /// <summary>What the first of a chain has before it.</summary>
    public static string Nothing { get; } = Prefix + new string('0', 64);

    public static string Of(ReadOnlySpan<byte> bytes) => Prefix + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of a text's UTF-8 bytes.</summary>
    public static string OfText(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Of a value's canonical JSON.</summary>
    public static string OfJson<T>(T value) => OfText(CanonicalJson.Of(value));

    /// <summary>Of a file's bytes.</summary>
    public static string OfFile(string path)
    {
        using Stream stream = File.OpenRead(path);
        return Prefix + Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
