using System.Security.Cryptography;
using System.Text;

namespace SpikeBench.Target.Truth;

/// <summary>
/// Sends whose idempotency key had come before: answered from the first one (replayed), or kept again (stored). The second is what
/// makes ten copies of a greeting out of ten tries.
/// </summary>
public sealed class DuplicateCounts(bool deduplicate)
{
    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _seen = [];
    private long _replayed;
    private long _stored;

    public long Replayed => Interlocked.Read(ref _replayed);

    public long Stored => Interlocked.Read(ref _stored);

    /// <summary>Notes one stored send; <paramref name="replayed"/> is the store's word that it knew the key.</summary>
    public void Note(string idempotencyKey, bool replayed)
    {
        if (replayed)
        {
            Interlocked.Increment(ref _replayed);
        }
        else if (!deduplicate && idempotencyKey.Length > 0)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey), hash);
            bool isNew;
            lock (_lock)
            {
                isNew = _seen.Add(System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(hash));
            }

            if (!isNew)
            {
                Interlocked.Increment(ref _stored);
            }
        }
    }
}
