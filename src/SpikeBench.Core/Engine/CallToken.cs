namespace SpikeBench.Core.Engine;

/// <summary>
/// A metadata value that may change while calls are made: an access token. One thread replaces it, any may read it.
/// </summary>
/// <param name="header">The metadata's name, such as <c>authorization</c>.</param>
/// <param name="value">Its first value, such as <c>Bearer …</c>; a secret.</param>
public sealed class CallToken(string header, string value)
{
    private readonly List<string> _failures = [];
    private string _value = value;
    private int _refreshes;

    public string Header { get; } = header;

    /// <summary>What calls that start now carry.</summary>
    public string Value => Volatile.Read(ref _value);

    /// <summary>How often it was replaced.</summary>
    public int Refreshes => Volatile.Read(ref _refreshes);

    /// <summary>When and why it could not be replaced: calls went on with the old one.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_failures)
            {
                return [.. _failures];
            }
        }
    }

    /// <summary>Calls that start from now on carry another value.</summary>
    public void Replace(string value)
    {
        Volatile.Write(ref _value, value);
        Volatile.Write(ref _refreshes, _refreshes + 1);
    }

    /// <summary>There was no other value to be had.</summary>
    /// <param name="failure">When and why, without secrets.</param>
    public void Keep(string failure)
    {
        lock (_failures)
        {
            _failures.Add(failure);
        }
    }
}
