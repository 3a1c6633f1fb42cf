using System.Text;
using SpikeBench.Core.Evidence;

namespace SpikeBench.Reporting;

/// <summary>
/// The pages beside a certificate, which is what people read: written from it, and held against it again, byte for byte.
/// </summary>
public static class CertificatePages
{
    /// <summary>Writes both pages.</summary>
    /// <param name="certificate">What was granted.</param>
    /// <param name="folder">The certificate's folder; it exists.</param>
    public static void Write(Certificate certificate, string folder)
    {
        foreach ((string name, string text) in Render(certificate))
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }
    }

    /// <summary>Makes the pages of a verified certificate again and compares those in its folder with them.</summary>
    /// <param name="certificate">Follows from its evidence.</param>
    /// <param name="folder">Where it lies.</param>
    /// <param name="build">The hash of the build that compares: only its own pages must be the same to the byte.</param>
    public static PagesCheck Check(Certificate certificate, string folder, string? build)
    {
        var forged = new List<string>();
        var remarks = new List<string>();
        foreach ((string name, string text) in Render(certificate))
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                remarks.Add($"{name} is missing; {Certificate.FileName} does not need it");
            }
            else if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text)))
            {
                if (certificate.Basis.ToolBuild == build)
                {
                    forged.Add($"{name} is not the page of {Certificate.FileName}: it was changed, or is another certificate's");
                }
                else
                {
                    remarks.Add($"{name} is not as this build writes it, and the certificate is another build's: the page is NOT verified; compare it with that build, or read {Certificate.FileName}");
                }
            }
        }

        return new PagesCheck(forged, remarks);
    }

    private static (string Name, string Text)[] Render(Certificate certificate) =>
    [
        (Certificate.PageName, CertificatePage.Render(certificate)),
        (Certificate.MarkdownName, CertificateMarkdown.Render(certificate)),
    ];
}

/// <summary>What comparing a certificate's pages found.</summary>
/// <param name="Forged">Pages that say something else than the certificate: it is rejected. Empty where there are none.</param>
/// <param name="Remarks">Pages that are missing or could not be compared: to be said.</param>
public sealed record PagesCheck(IReadOnlyList<string> Forged, IReadOnlyList<string> Remarks);
