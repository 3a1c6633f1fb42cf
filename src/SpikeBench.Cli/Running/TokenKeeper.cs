using System.ComponentModel;
using System.Diagnostics;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>
/// Fetches an access token before T0 and again before it ends. What fails then is said and noted, and calls go on with the token that they
/// have: a run without one would measure refusals. The token itself is never shown.
/// </summary>
internal sealed class TokenKeeper : IAsyncDisposable
{
    /// <summary>What fits into the driver's header block, with the scheme.</summary>
    private const int MaxLength = 4096;

    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FileInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    private readonly TokenSource _source;
    private readonly Func<string, Task> _say;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private Task _refreshing = Task.CompletedTask;
    private DateTimeOffset? _ends;

    private TokenKeeper(TokenSource source, Func<string, Task> say, TimeProvider time, string token)
    {
        _source = source;
        _say = say;
        _time = time;
        _ends = TokenExpiry.Of(token);
        Token = new CallToken(source.Header, Full(source, token));
    }

    /// <summary>What calls carry.</summary>
    public CallToken Token { get; }

    /// <summary>Fetches the first token and goes on fetching.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="say">Shows a line to the user.</param>
    /// <param name="time">Waits.</param>
    /// <param name="cancel">Ends the first fetch.</param>
    /// <exception cref="UsageException">There is no token to begin with.</exception>
    /// <exception cref="GeneratorException">This machine has no room for its command.</exception>
    public static async Task<TokenKeeper> StartAsync(TokenSource source, Func<string, Task> say, TimeProvider time, CancellationToken cancel)
    {
        string token = await FetchAsync(source, cancel).ConfigureAwait(false);
        var keeper = new TokenKeeper(source, say, time, token);
        if (keeper._ends is { } end && end <= time.GetUtcNow())
        {
            throw new UsageException($"the token of {source} ended at {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: fetch a new one");
        }

        keeper._refreshing = keeper.RefreshAsync(keeper._ended.Token);
        return keeper;
    }

    /// <summary>Fetches a token that is not followed.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static async Task<CallToken> FetchOnceAsync(TokenSource source, CancellationToken cancel) =>
        new(source.Header, Full(source, await FetchAsync(source, cancel).ConfigureAwait(false)));

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _refreshing.ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task RefreshAsync(CancellationToken ended)
    {
        TimeSpan? interval = _source.RefreshNs is { } ns ? TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick) : _source.File is null ? null : FileInterval;
        TimeSpan retry = FirstRetry;
        TimeSpan? wait = TokenExpiry.RefreshIn(_time.GetUtcNow(), _ends, interval);
        try
        {
            while (wait is { } delay)
            {
                await Task.Delay(delay, _time, ended).ConfigureAwait(false);
                try
                {
                    string token = await FetchAsync(_source, ended).ConfigureAwait(false);
                    _ends = TokenExpiry.Of(token);
                    Token.Replace(Full(_source, token));
                    retry = FirstRetry;
                    wait = TokenExpiry.RefreshIn(_time.GetUtcNow(), _ends, interval);
                }
                catch (Exception e) when (e is UsageException or GeneratorException)
                {
                    await FailedAsync(e.Message).ConfigureAwait(false);
                    wait = retry;
                    retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, FileInterval.Ticks));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private Task FailedAsync(string why)
    {
        DateTimeOffset now = _time.GetUtcNow();
        string until = _ends is { } end ? $"; it {(end > now ? "ends" : "ended")} at {end.UtcDateTime:HH:mm:ss} UTC" : "";
        Token.Keep($"at {now.UtcDateTime:HH:mm:ss} UTC: {why}");
        return _say($"spikebench: the access token could not be refreshed, calls go on with the old one{until}: {why}");
    }

    private static string Full(TokenSource source, string token) => source.Scheme.Length == 0 ? token : $"{source.Scheme} {token}";

    private static async Task<string> FetchAsync(TokenSource source, CancellationToken cancel)
    {
        string token = (source.File is { } file ? await ReadAsync(file, cancel).ConfigureAwait(false) : await RunAsync(source.Command!, cancel).ConfigureAwait(false)).Trim();
        string from = source.File is null ? "its command printed" : $"{source.File} holds";
        return token.Length == 0 ? throw new UsageException($"token: {from} nothing")
            : token.Any(c => c is < '!' or > '~') ? throw new UsageException($"token: {from} something with blanks or other than ASCII in it; a token is one word")
            : token.Length + source.Scheme.Length + 1 > MaxLength ? throw new UsageException($"token: {from} {token.Length} characters; at most {MaxLength - source.Scheme.Length - 1} are sent")
            : token;
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"token: {file} cannot be read: {e.Message}");
        }
    }

    private static async Task<string> RunAsync(string command, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        using Process process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(CommandLimit);
        try
        {
            process.StandardInput.Close();
            Task<string> complaints = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            string complaint = (await complaints.ConfigureAwait(false)).Split('\n')[0].Trim();
            return process.ExitCode == 0
                ? output
                : throw new UsageException($"token: its command ended with exit code {process.ExitCode}{(complaint.Length > 0 ? $": {SafeUrl.Of(complaint)}" : "")}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new UsageException($"token: its command did not end within {CommandLimit.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new UsageException("token: its command could not be started");
        }
        catch (Win32Exception e)
        {
            string why = $"token: its command could not be started: {OwnShortage.Of(e) ?? e.Message}";
            throw OwnShortage.Of(e) is null ? new UsageException(why) : new GeneratorException(why);
        }
    }
}
