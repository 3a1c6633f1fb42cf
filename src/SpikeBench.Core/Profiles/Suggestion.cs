namespace SpikeBench.Core.Profiles;

/// <summary>Guesses what a misspelt word was meant to be.</summary>
public static class Suggestion
{
    /// <summary><c>; did you mean 'x'?</c> for the nearest known word within two or three edits, else nothing.</summary>
    public static string DidYouMean(string word, IEnumerable<string> known)
    {
        (string Word, int Distance) nearest = known.Select(k => (k, Distance(word, k))).DefaultIfEmpty((word, int.MaxValue)).MinBy(k => k.Item2);
        int allowed = Math.Min(3, Math.Max(1, word.Length / 3));
        return nearest.Distance > 0 && nearest.Distance <= allowed ? $"; did you mean '{nearest.Word}'?" : "";
    }

    /// <summary>Edits between two words; two neighbours swapped count as one (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), replaced);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
