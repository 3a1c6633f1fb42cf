using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>A template with its files found and its draws laid out, ready to render any number of times.</summary>
public sealed class BoundTemplate
{
    private readonly Func<long, string>?[] _texts;
    private readonly CounterRandom[] _draws;

    internal BoundTemplate(Template template, TemplateScope scope)
    {
        Template = template;
        _texts = new Func<long, string>?[template.Parts.Count];
        _draws = new CounterRandom[template.Parts.Count];
        for (int i = 0; i < template.Parts.Count; i++)
        {
            if (template.Parts[i].IsPerCall)
            {
                _draws[i] = scope.NextDraws();
            }
            else
            {
                _texts[i] = template.Parts[i].Bind(scope);
            }
        }
    }

    public Template Template { get; }

    /// <summary>The draws of a part that differs from call to call.</summary>
    public CounterRandom DrawsOf(int part) => _draws[part];

    /// <summary>The text of a message, with something else in the places that differ from call to call.</summary>
    /// <param name="number">The message's number in its pool.</param>
    /// <param name="perCall">The text of a part, by its index, that differs from call to call.</param>
    public string Render(long number, Func<int, string> perCall)
    {
        if (_texts is [{ } only])
        {
            return only(number);
        }

        var text = new StringBuilder();
        for (int i = 0; i < _texts.Length; i++)
        {
            text.Append(_texts[i]?.Invoke(number) ?? perCall(i));
        }

        return text.ToString();
    }

    /// <summary>The text of one call, as its bytes would say it: for what is no message, such as metadata.</summary>
    /// <param name="index">The call's place in the plan; files are read in its order, draws are of this place.</param>
    /// <param name="unixNs">The wall time, in nanoseconds since 1970.</param>
    public string RenderCall(long index, long unixNs) => Render(index, part =>
    {
        MessagePatch patch = MessagePatch.ForText(Template.Parts[part], 0, _draws[part]);
        Span<byte> bytes = stackalloc byte[MessagePatch.MaxWidth];
        patch.Write(bytes, index, unixNs);
        return Encoding.ASCII.GetString(bytes[..patch.Width]);
    });
}
