using SpikeBench.Core.Profiles;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SpikeBench.Cli.Profiles;

/// <summary>Reads YAML text into <see cref="ProfileNode"/>s: plain data only, each node with its place.</summary>
internal static class YamlNodes
{
    private const int MaxDepth = 32;

    /// <summary>Reads the one document of a text.</summary>
    /// <returns>The root, or the error that reading stopped at.</returns>
    public static (ProfileNode? Root, ProfileError? Error) Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return (null, new ProfileError(0, 0, "", "is empty: a profile begins with 'name: …'"));
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
            return (null, new ProfileError((int)e.Start.Line, (int)e.Start.Column, "", $"is not YAML: {e.Message}"));
        }
        catch (InvalidOperationException)
        {
            // How the parser says that a word inside brackets stands further left than the lines around it.
            Mark? after = parser.Current?.End;
            return (null, new ProfileError((int)(after?.Line ?? 0), (int)(after?.Column ?? 0), "", "is not YAML: what is inside { } or [ ] must not stand further left than the lines around it"));
        }
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
