using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace SpikeBench.Cli.Commands;

/// <summary>Options that take a whole number, and say so in words where they get something else.</summary>
internal static class WholeNumber
{
    /// <summary>An option whose value is null where it was not given.</summary>
    public static Option<T?> Option<T>(string name, string description, string helpName)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> =>
        new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.ExactlyOne, CustomParser = result => Parse<T>(result, name) };

    private static T? Parse<T>(ArgumentResult result, string name)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (result.Tokens is not [.., var token])
        {
            return null;
        }

        if (T.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number))
        {
            return number;
        }

        string digits = token.Value.Length > 0 && char.IsAsciiDigit(token.Value[^1]) && token.Value.TrimStart('-', '+').All(char.IsAsciiDigit)
            ? $"is outside {T.MinValue} to {T.MaxValue}"
            : "is not a whole number; write it in digits, like 4";
        result.AddError($"{name} {token.Value}: {digits}");
        return null;
    }
}
