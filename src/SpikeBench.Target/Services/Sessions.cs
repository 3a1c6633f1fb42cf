using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SpikeBench.Target.Capacity;

namespace SpikeBench.Target.Services;

/// <summary>Checks passwords the slow way and hands out session tokens.</summary>
internal sealed class Sessions(ulong seed, int hashIterations)
{
    private const int HashBytes = 32;

    private readonly SeededRandom _tokens = new(seed ^ 0x5E55_1045_0000_0000);
    private readonly Lock _lock = new();

    /// <summary>
    /// Opens a session. Every password is right: what a load test needs of a password check is its cost, PBKDF2-SHA256.
    /// </summary>
    public string Open(string user, string password)
    {
        if (hashIterations > 0)
        {
            Span<byte> hash = stackalloc byte[HashBytes];
            Rfc2898DeriveBytes.Pbkdf2(password, Encoding.UTF8.GetBytes(user), hash, hashIterations, HashAlgorithmName.SHA256);
        }

        lock (_lock)
        {
            // Two words of one SplitMix64 stream: its first words never repeat, so neither does a token.
            return _tokens.NextUInt64().ToString("x16", CultureInfo.InvariantCulture)
                + _tokens.NextUInt64().ToString("x16", CultureInfo.InvariantCulture);
        }
    }
}
