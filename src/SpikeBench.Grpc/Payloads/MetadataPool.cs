using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Profiles.Templates;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// Renders custom metadata before the run: a value without places once, one with places for each message of the pool. What differs from
/// call to call (<c>${seq}</c>) keeps a place of its width that each call writes its own over, as in messages: the same number in both.
/// </summary>
public static class MetadataPool
{
    private const ulong SeedOfMetadata = 0x6d65_7461_6461_7461;

    // Stands for a byte that each call writes; no template can render it.
    private const char PerCall = '\u0001';

    /// <summary>The metadata of one operation.</summary>
    /// <param name="common">Of all calls.</param>
    /// <param name="own">Of this operation's; of the same name, these count.</param>
    /// <param name="poolSize">Messages in its pool.</param>
    /// <param name="scope">What templates draw on.</param>
    /// <param name="path">The operation's place in the profile, for errors.</param>
    /// <param name="errors">Takes what is wrong; no value is ever in them.</param>
    public static IReadOnlyList<PlannedMetadata> Build(
        IReadOnlyList<MetadataField> common, IReadOnlyList<MetadataField> own, int poolSize, TemplateScope scope, string path, List<ProfileError> errors)
    {
        var planned = new List<PlannedMetadata>();
        foreach (MetadataField field in common.Where(c => !own.Any(o => o.Name == c.Name)).Concat(own))
        {
            (PlannedMetadata? made, string? problem) = Build(field, poolSize, scope);
            var error = new ProfileError(field.Line, field.Column, own.Contains(field) ? $"{path}.metadata.{field.Name}" : $"client.metadata.{field.Name}", problem ?? "");
            if (made is not null)
            {
                planned.Add(made);
            }
            else if (!errors.Contains(error))
            {
                errors.Add(error);
            }
        }

        return planned;
    }

    /// <summary>The scope of an operation's metadata: draws of its own, the files of its payload.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="operation">Its number.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="sources">What else templates draw on.</param>
    public static TemplateScope ScopeOf(ulong seed, int operation, Payload payload, PayloadSources sources) =>
        new((seed + (ulong)operation) ^ SeedOfMetadata) { Files = payload.Files, Environment = sources.Environment, Run = sources.Run };

    private static (PlannedMetadata? Field, string? Problem) Build(MetadataField field, int poolSize, TemplateScope scope)
    {
        if (!Template.TryParse(field.Template, out Template? template, out string? error))
        {
            return (null, error);
        }

        bool isBinary = field.Name.EndsWith("-bin", StringComparison.Ordinal);
        if (isBinary && template.IsPerCall)
        {
            return (null, "what differs from call to call (${seq}, ${uuid}, ${now}) cannot stand in base64");
        }

        string[] texts;
        BoundTemplate bound;
        try
        {
            bound = template.Bind(scope);
            int size = template.IsDrawn ? poolSize : 1;
            texts = [.. Enumerable.Range(0, size).Select(i => bound.Render(i, part => new string(PerCall, PatchOf(bound, part, 0).Width)))];
        }
        catch (TemplateException e)
        {
            return (null, e.Message);
        }

        string[] values = new string[texts.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            string? problem = isBinary ? Base64(texts[i], out values[i]) : Objection(values[i] = texts[i].Replace(PerCall, '0'));
            if (problem is not null)
            {
                return (null, problem);
            }
        }

        return (new PlannedMetadata(field.Name, values) { Patches = template.IsPerCall ? [.. texts.Select(t => PatchesOf(bound, t))] : null }, null);
    }

    private static IReadOnlyList<MessagePatch> PatchesOf(BoundTemplate bound, string text)
    {
        var patches = new List<MessagePatch>();
        int at = 0;
        for (int part = 0; part < bound.Template.Parts.Count; part++)
        {
            if (bound.Template.Parts[part].IsPerCall)
            {
                MessagePatch patch = PatchOf(bound, part, text.IndexOf(PerCall, at));
                patches.Add(patch);
                at = patch.Offset + patch.Width;
            }
        }

        return patches;
    }

    private static MessagePatch PatchOf(BoundTemplate bound, int part, int offset) => MessagePatch.ForText(bound.Template.Parts[part], offset, bound.DrawsOf(part));

    /// <summary>What keeps a binary value from the wire, which it must not tell; and how it goes there.</summary>
    private static string? Base64(string value, out string onWire)
    {
        var bytes = new byte[value.Length];
        bool isBase64 = Convert.TryFromBase64String(value.PadRight((value.Length + 3) / 4 * 4, '='), bytes, out int length);

        // Without padding, as gRPC's own clients send it (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Binary-Header").
        onWire = Convert.ToBase64String(bytes, 0, length).TrimEnd('=');
        return isBase64 ? null : "its value is not base64, as that of a name ending in -bin must be";
    }

    // ASCII-Value: space to ~; blanks at the ends would be cut off on the way.
    private static string? Objection(string value) =>
        value.Any(c => c is < ' ' or > '~') ? "its value has characters other than printable ASCII: give it a name ending in -bin, and base64"
        : value != value.Trim() ? "its value begins or ends with a blank, which HTTP cuts off"
        : null;
}
