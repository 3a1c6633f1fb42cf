using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// Renders custom metadata before the run: a value without places once, one with places for each message of the pool, so that
/// <c>${seq}</c> is the same number in both.
/// </summary>
public static class MetadataPool
{
    private const ulong SeedOfMetadata = 0x6d65_7461_6461_7461;

    /// <summary>The metadata of one operation.</summary>
    /// <param name="common">Of all calls.</param>
    /// <param name="own">Of this operation's; of the same name, these count.</param>
    /// <param name="poolSize">Messages in its pool.</param>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <param name="operation">Its number.</param>
    /// <param name="path">Its place in the profile, for errors.</param>
    /// <param name="errors">Takes what is wrong; no value is ever in them.</param>
    public static IReadOnlyList<PlannedMetadata> Build(
        IReadOnlyList<MetadataField> common, IReadOnlyList<MetadataField> own, int poolSize, ulong seed, int operation, string path, List<ProfileError> errors)
    {
        var planned = new List<PlannedMetadata>();
        foreach (MetadataField field in common.Where(c => !own.Any(o => o.Name == c.Name)).Concat(own))
        {
            string at = own.Contains(field) ? $"{path}.metadata.{field.Name}" : $"client.metadata.{field.Name}";
            if (!Template.TryParse(field.Template, out Template? template, out string? error))
            {
                Report(error);
                continue;
            }

            var draws = new TemplateDraws(seed ^ SeedOfMetadata, operation);
            string[] values = [.. Enumerable.Range(0, poolSize).Select(i => template.Render(i, draws))];
            if (values.All(v => v == values[0]))
            {
                values = [values[0]];
            }

            string? objection = values.Select((v, i) => Objection(field.Name, v, out values[i])).FirstOrDefault(o => o is not null);
            if (objection is not null)
            {
                Report(objection);
                continue;
            }

            planned.Add(new PlannedMetadata(field.Name, values));

            void Report(string message)
            {
                var found = new ProfileError(field.Line, field.Column, at, message);
                if (!errors.Contains(found))
                {
                    errors.Add(found);
                }
            }
        }

        return planned;
    }

    /// <summary>What keeps a value from the wire, which it must not tell; and how it goes there.</summary>
    private static string? Objection(string name, string value, out string onWire)
    {
        onWire = value;
        if (name.EndsWith("-bin", StringComparison.Ordinal))
        {
            var bytes = new byte[value.Length];
            bool isBase64 = Convert.TryFromBase64String(value.PadRight((value.Length + 3) / 4 * 4, '='), bytes, out int length);

            // Without padding, as gRPC's own clients send it (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Binary-Header").
            onWire = Convert.ToBase64String(bytes, 0, length).TrimEnd('=');
            return isBase64 ? null : "its value is not base64, as that of a name ending in -bin must be";
        }

        // ASCII-Value: space to ~; blanks at the ends would be cut off on the way.
        return value.Any(c => c is < ' ' or > '~') ? "its value has characters other than printable ASCII: give it a name ending in -bin, and base64"
            : value != value.Trim() ? "its value begins or ends with a blank, which HTTP cuts off"
            : null;
    }
}
