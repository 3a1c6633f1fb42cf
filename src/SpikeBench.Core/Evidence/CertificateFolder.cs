using System.Text;
using System.Text.Json;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// A certificate's folder, complete in itself: <c>certificate.json</c>, the ledger as it was, and the evidence of each midnight in a
/// folder of its run's name. It can be moved, packed and mailed; verifying needs nothing else.
/// </summary>
public static class CertificateFolder
{
    private const int MostDifferences = 5;

    /// <summary>Writes a granted certificate with its evidence.</summary>
    /// <param name="certificate">What was granted.</param>
    /// <param name="runFolders">The runs' folders, in the certificate's order.</param>
    /// <param name="ledgerPath">The ledger that it was granted from.</param>
    /// <param name="folder">Where to; made if need be.</param>
    public static void Write(Certificate certificate, IReadOnlyList<string> runFolders, string ledgerPath, string folder)
    {
        try
        {
            for (int i = 0; i < runFolders.Count; i++)
            {
                string evidence = Path.Combine(folder, certificate.Midnights[i].RunId);
                Directory.CreateDirectory(evidence);
                foreach (string file in certificate.Midnights[i].Files.Keys)
                {
                    File.Copy(Path.Combine(runFolders[i], file), Path.Combine(evidence, file), overwrite: true);
                }
            }

            File.Copy(ledgerPath, Path.Combine(folder, AttemptLedger.FileName), overwrite: true);
            File.WriteAllText(Path.Combine(folder, Certificate.FileName), CanonicalJson.Of(certificate) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the certificate cannot be written to {folder}: {e.Message}");
        }
    }

    /// <summary>Makes a certificate again from the evidence beside it and holds the two against each other.</summary>
    /// <param name="path">The certificate's file.</param>
    /// <param name="judge">Decides a record; null: <see cref="Judge.Decide"/>.</param>
    /// <exception cref="UsageException">There is no such file, or it is no certificate of a kind this version knows.</exception>
    public static Verification Verify(string path, Func<RunRecord, RunVerdict>? judge = null)
    {
        (Certificate certificate, byte[] bytes) = Read(path);
        var findings = new List<string>();
        if (!bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(CanonicalJson.Of(certificate) + "\n")))
        {
            findings.Add($"{Certificate.FileName} is not written as the tool writes it: it was edited, or has what this version does not know");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<StoredMidnight> set = ReadEvidence(certificate, folder, findings);
        LedgerBook? ledger = Try(() => File.Exists(Path.Combine(folder, AttemptLedger.FileName))
            ? LedgerBook.Read(Path.Combine(folder, AttemptLedger.FileName))
            : throw new UsageException($"{AttemptLedger.FileName} is missing"), findings);
        if (ledger is not null && set.Count > 0)
        {
            Compare(certificate, Try(() => Certification.Of(set, ledger, judge), findings), findings);
        }

        return new Verification(certificate, findings, set.Sum(m => m.Record.Summary.Plan.Planned.Sum(p => p.Sum())), ledger?.Attempts.Count ?? 0);
    }

    private static (Certificate Certificate, byte[] Bytes) Read(string path)
    {
        try
        {
            // The bytes, not a text: a byte order mark or a sequence that is no UTF-8 is another spelling as well.
            byte[] bytes = File.ReadAllBytes(path);
            Certificate? certificate = JsonSerializer.Deserialize<Certificate>(bytes, RunFolder.Json);
            return certificate?.Format == Certificate.CurrentFormat
                ? (certificate, bytes)
                : throw new UsageException($"{path}: is of the format '{certificate?.Format}'; this version verifies {Certificate.CurrentFormat}");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path}: is no certificate: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}");
        }
    }

    private static List<StoredMidnight> ReadEvidence(Certificate certificate, string folder, List<string> findings)
    {
        var set = new List<StoredMidnight>();
        foreach (CertifiedMidnight midnight in certificate.Midnights)
        {
            // A name is a folder's name and no path: a certificate must not reach elsewhere.
            if (midnight.RunId != Path.GetFileName(midnight.RunId) || midnight.RunId is "" or "." or "..")
            {
                findings.Add($"'{midnight.RunId}' is no run's name");
            }
            else if (Try(() => StoredMidnight.Read(Path.Combine(folder, midnight.RunId)), findings) is { } stored)
            {
                set.Add(stored);
            }
        }

        return set;
    }

    private static void Compare(Certificate certificate, Certification? again, List<string> findings)
    {
        if (again is null)
        {
            return;
        }

        findings.AddRange(again.Bars);
        if (again.Certificate is not null)
        {
            var differences = new List<string>();
            JsonElement says = JsonSerializer.SerializeToElement(certificate, RunFolder.Json), follows = JsonSerializer.SerializeToElement(again.Certificate, RunFolder.Json);
            Differences(says, follows, "", differences);
            findings.AddRange(differences.Take(MostDifferences));
            if (differences.Count > MostDifferences)
            {
                findings.Add($"… and {differences.Count - MostDifferences} more differences between the certificate and its evidence");
            }
        }
    }

    private static void Differences(JsonElement says, JsonElement follows, string path, List<string> differences)
    {
        if (says.ValueKind == JsonValueKind.Object && follows.ValueKind == JsonValueKind.Object)
        {
            foreach (string name in says.EnumerateObject().Concat(follows.EnumerateObject()).Select(p => p.Name).Distinct())
            {
                string at = path.Length == 0 ? name : $"{path}.{name}";
                if (says.TryGetProperty(name, out JsonElement a) && follows.TryGetProperty(name, out JsonElement b))
                {
                    Differences(a, b, at, differences);
                }
                else
                {
                    differences.Add($"{at} is in one of certificate and evidence only");
                }
            }
        }
        else if (says.ValueKind == JsonValueKind.Array && follows.ValueKind == JsonValueKind.Array && says.GetArrayLength() == follows.GetArrayLength())
        {
            for (int i = 0; i < says.GetArrayLength(); i++)
            {
                Differences(says[i], follows[i], $"{path}[{i}]", differences);
            }
        }
        else if (!JsonElement.DeepEquals(says, follows))
        {
            differences.Add($"{path}: the certificate says {Short(says)}, the evidence {Short(follows)}");
        }
    }

    private static string Short(JsonElement value)
    {
        string text = value.GetRawText();
        return value.ValueKind == JsonValueKind.Array ? $"{value.GetArrayLength()} items" : text.Length <= 80 ? text : text[..79] + "…";
    }

#pragma warning disable CA1031 // Evidence may be forged in any way: whatever goes wrong while reading it is a finding, not our crash.
    private static T? Try<T>(Func<T> read, List<string> findings)
        where T : class
    {
        try
        {
            return read();
        }
        catch (UsageException e)
        {
            findings.Add(e.Message);
        }
        catch (Exception e)
        {
            findings.Add($"the evidence cannot be evaluated: {e.GetType().Name}: {e.Message}");
        }

        return null;
    }
#pragma warning restore CA1031
}

/// <summary>What verifying a certificate found.</summary>
/// <param name="Certificate">What was verified.</param>
/// <param name="Findings">Why it is rejected; empty where it is not.</param>
/// <param name="Calls">Planned calls whose counters were summed again.</param>
/// <param name="Attempts">Attempts in the ledger beside it.</param>
public sealed record Verification(Certificate Certificate, IReadOnlyList<string> Findings, long Calls, int Attempts)
{
    public bool Holds => Findings.Count == 0;
}
