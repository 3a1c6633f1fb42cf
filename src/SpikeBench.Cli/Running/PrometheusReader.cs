using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>
/// Records series of Prometheus APIs: each query is tried before T0, and asked for the whole run at once when it is over, so that reading
/// never disturbs the load.
/// </summary>
internal sealed class PrometheusReader(IReadOnlyList<Observation> observations, HttpClient http)
{
    private const int MostSeries = 20;

    /// <summary>Prometheus answers at most 11,000 points a series.</summary>
    private const int MostPoints = 10_000;

    /// <summary>Tries every query.</summary>
    /// <exception cref="UsageException">One does not work: which, and why.</exception>
    /// <exception cref="GeneratorException">This machine refused the connection.</exception>
    public async Task TryAsync(CancellationToken cancel)
    {
        for (int i = 0; i < observations.Count; i++)
        {
            try
            {
                using JsonDocument answer = await AskAsync(observations[i], "query", "", cancel).ConfigureAwait(false);
            }
            catch (PrometheusException e)
            {
                string line = $"observe[{i}] {observations[i].Name}: {e.Message}";
                throw e.IsOurs ? new GeneratorException(line) : new UsageException(line);
            }
        }
    }

    /// <summary>All series from T0 to the end, a value per second.</summary>
    /// <param name="t0">T0.</param>
    /// <param name="end">When the last call had ended.</param>
    /// <param name="complain">Is told which query does not work any more.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<ObservedSeries>> ReadAsync(DateTimeOffset t0, DateTimeOffset end, Func<string, Task> complain, CancellationToken cancel)
    {
        double seconds = (end - t0).TotalSeconds;
        double step = Math.Max(1, Math.Ceiling(seconds / MostPoints));
        string range = string.Create(
            CultureInfo.InvariantCulture, $"&start={t0.ToUnixTimeMilliseconds() / 1000.0:0.000}&end={end.ToUnixTimeMilliseconds() / 1000.0:0.000}&step={step:0}");
        var all = new List<ObservedSeries>();
        foreach (Observation observation in observations)
        {
            try
            {
                using JsonDocument answer = await AskAsync(observation, "query_range", range, cancel).ConfigureAwait(false);
                List<ObservedSeries> found = Series(observation, answer.RootElement.GetProperty("data"), t0);
                all.AddRange(found.Take(MostSeries));
                if (found.Count != Math.Clamp(found.Count, 1, MostSeries))
                {
                    await complain(found.Count == 0
                        ? $"observe {observation.Name}: the query gave no series for the time of the run"
                        : $"observe {observation.Name}: the query gave {found.Count} series; the first {MostSeries} are kept: sum or filter them").ConfigureAwait(false);
                }
            }
            catch (PrometheusException e)
            {
                await complain($"observe {observation.Name}: not recorded: {e.Message}").ConfigureAwait(false);
            }
        }

        return all;
    }

    /// <summary>The series of a range query's answer; what is no number is left out.</summary>
    internal static List<ObservedSeries> Series(Observation observation, JsonElement data, DateTimeOffset t0)
    {
        var series = new List<ObservedSeries>();
        foreach (JsonElement one in data.GetProperty("result").EnumerateArray())
        {
            string labels = string.Join(", ", one.GetProperty("metric").EnumerateObject().Where(l => l.Name != "__name__").Select(l => $"{l.Name}={l.Value.GetString()}"));
            var points = new List<ObservedPoint>();
            foreach (JsonElement pair in one.GetProperty("values").EnumerateArray())
            {
                // [1767193200.5, "0.25"]; NaN and infinities are Prometheus' words for "nothing to divide by".
                long atNs = (long)((pair[0].GetDecimal() * 1000 - t0.ToUnixTimeMilliseconds()) * 1_000_000);
                if (double.TryParse(pair[1].GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
                {
                    points.Add(new ObservedPoint(atNs, value));
                }
            }

            series.Add(new ObservedSeries(observation.Name, labels, observation.Unit, points));
        }

        return series;
    }

    private async Task<JsonDocument> AskAsync(Observation observation, string what, string range, CancellationToken cancel)
    {
        var address = new Uri(observation.Prometheus);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"{address.GetLeftPart(UriPartial.Path).TrimEnd('/').Replace(address.UserInfo + "@", "", StringComparison.Ordinal)}/api/v1/{what}?query={Uri.EscapeDataString(observation.Query)}{range}");
        if (address.UserInfo.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        }

        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancel).ConfigureAwait(false);
            string text = await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
            var answer = JsonDocument.Parse(text);
            bool succeeded = answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("status", out JsonElement status) && status.ValueEquals("success");
            if (succeeded)
            {
                return answer;
            }

            using (answer)
            {
                string why = answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("error", out JsonElement error) ? $"{error}" : $"HTTP {(int)response.StatusCode}";
                throw new PrometheusException($"{observation.Address} refuses the query: {why}");
            }
        }
        catch (JsonException)
        {
            throw new PrometheusException($"{observation.Address} is no Prometheus API: what it answers is not JSON");
        }
        catch (HttpRequestException e) when (OwnShortage.Of(e) is { } lacking)
        {
            throw new PrometheusException($"this machine refused a connection to {observation.Address}: {lacking}") { IsOurs = true };
        }
        catch (HttpRequestException e)
        {
            throw new PrometheusException($"{observation.Address} does not answer: {(e.InnerException ?? e).Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new PrometheusException($"{observation.Address} does not answer within {http.Timeout.TotalSeconds:0} s");
        }
    }

    private sealed class PrometheusException(string message) : Exception(message)
    {
        /// <summary>This machine lacked what a connection takes.</summary>
        public bool IsOurs { get; init; }
    }
}
