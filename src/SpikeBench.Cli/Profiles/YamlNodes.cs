using SpikeBench.Core.Profiles;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SpikeBench.Cli.Profiles;

/// <summary>Reads YAML text into <see cref="ProfileNode"/>s: plain data only, each node with its place.</summary>
internal static class YamlNodes
{
    private const int MaxDepth = 32;

    /// <summary>Reads the one document of a text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="beginning">How such a text begins, for who has an empty one.</param>
    /// <returns>The root, or the error that reading stopped at.</returns>
    public static (ProfileNode? Root, ProfileError? Error) Read(string text, string beginning = "a profile begins with 'name: …'")
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return (null, new ProfileError(0, 0, "", $"is empty: {beginning}"));
            }

            parser.Consume<DocumentStart>();
            ProfileNode root = ReadNode(parser, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _)
                ? (root, null)
                : (null, new ProfileError((int)parser.Current!.Start.Line, (int)parser.Current.Start.Column, "", "a second document begins here; a profile is one"));
        }
        catch (YamlException e)
        {
            (int line, int column) = PlaceOf(e, text);
            return (null, new ProfileError(line, column, "", $"is not YAML: {e.Message}"));
        }
        catch (InvalidOperationException)
        {
            // How the parser says that a word inside brackets stands further left than the lines around it.
            Mark? after = parser.Current?.End;
            return (null, new ProfileError((int)(after?.Line ?? 0), (int)(after?.Column ?? 0), "", "is not YAML: what is inside { } or [ ] must not stand further left than the lines around it"));
        }
    }

    /// <summary>
    /// Where a text stops to be YAML. For a tab the parser has the place of what it stands in, or none: the first one from there on that
    /// indents is it, or else the first of all.
    /// </summary>
    private static (int Line, int Column) PlaceOf(YamlException e, string text)
    {
        if (!e.Message.Contains("tab", StringComparison.Ordinal))
        {
            return ((int)e.Start.Line, (int)e.Start.Column);
        }

        (int Line, int Column)? first = null;
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            int tab = line.IndexOf('\t');
            if (tab >= 0 && number >= e.Start.Line && !line.Trim().IsEmpty)
            {
                if (line[..tab].Trim(" -").IsEmpty)
                {
                    return (number, tab + 1);
                }

                first ??= (number, tab + 1);
            }
        }

        bool placed = e.Start.Line > 1 || e.Start.Column > 1;
        return placed || first is null ? ((int)e.Start.Line, (int)e.Start.Column) : first.Value;
    }

    private static ProfileNode ReadNode(IParser parser, int depth)
    {
        ParsingEvent current = parser.Current!;
        int line = (int)current.Start.Line, column = (int)current.Start.Column;
        if (depth > MaxDepth)
        {
            throw new YamlException(current.Start, current.End, $"more than {MaxDepth} levels deep");
        }

        switch (current)
        {
            case Scalar scalar:
                parser.MoveNext();
                return new ScalarNode(scalar.Value, line, column) { IsPlain = scalar.Style == ScalarStyle.Plain };
            case SequenceStart:
                parser.MoveNext();
                var items = new List<ProfileNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadNode(parser, depth + 1));
                }

                return new SequenceNode(items, line, column);
            case MappingStart:
                parser.MoveNext();
                var entries = new List<MappingEntry>();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    if (parser.Current is not Scalar key)
                    {
                        throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a single word");
                    }

                    parser.MoveNext();
                    entries.Add(new MappingEntry(key.Value, ReadNode(parser, depth + 1), (int)key.Start.Line, (int)key.Start.Column));
                }

                return new MappingNode(entries, line, column);
            default:
                // Aliases can repeat a document without end; a profile has no use for them.
                throw new YamlException(current.Start, current.End, "anchors and aliases are not supported; write the value out");
        }
    }
}
