namespace SpikeBench.Core.Engine;

/// <summary>
/// A metadata value that may change while calls are made: an access token. One thread replaces it, any may read it.
/// </summary>
/// <param name="header">The metadata's name, such as <c>authorization</c>.</param>
/// <param name="value">Its first value, such as <c>Bearer …</c>; a secret.</param>
public sealed class CallToken(string header, string value)
{
    private string _value = value;

    public string Header { get; } = header;

    /// <summary>What calls that start now carry.</summary>
    public string Value => Volatile.Read(ref _value);

    /// <summary>Calls that start from now on carry another value.</summary>
    public void Replace(string value) => Volatile.Write(ref _value, value);
}
