using System.Text.RegularExpressions;

namespace SpikeBench.Core;

/// <summary>Addresses as they may be shown and kept: without the user and password that stand in them.</summary>
public static partial class SafeUrl
{
    /// <summary>A URL, or a text that holds some, with stars for their credentials.</summary>
    public static string Of(string text) => UserInfo().Replace(text, "${scheme}***@");

    /// <inheritdoc cref="Of(string)"/>
    public static string Of(Uri address) => Of(address.ToString());

    [GeneratedRegex(@"(?<scheme>^|//)[^/@\s]+@")]
    private static partial Regex UserInfo();
}
