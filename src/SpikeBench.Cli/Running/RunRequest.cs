using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Ui;

namespace SpikeBench.Cli.Running;

/// <summary>What the user asked of <c>run</c>.</summary>
internal sealed record RunRequest
{
    /// <summary>A path or the name of a ready-made profile.</summary>
    public required string Profile { get; init; }

    /// <summary>One operation in the place of the mix; null keeps the profile's.</summary>
    public CallOverride? Call { get; init; }

    /// <summary>The files of the target's contract; null: the profile's, or what the target tells.</summary>
    public ContractSource? Contract { get; init; }

    /// <summary>Changes of single values, <c>path=value</c>.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>The multiple of the load; null offers the claim's.</summary>
    public double? Scale { get; init; }

    /// <summary>The reference rate as the user wrote it; null keeps the profile's.</summary>
    public string? Peak { get; init; }

    /// <summary>The first seed; null keeps the profile's.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How many midnights; null runs as many as the claim asks for.</summary>
    public int? Repeat { get; init; }

    /// <summary>Where the target listens; null starts the reference messenger.</summary>
    public string? Target { get; init; }

    /// <summary>The user's word that a target elsewhere is theirs to load.</summary>
    public bool OwnsTarget { get; init; }

    /// <summary>Which driver; null takes the best one here.</summary>
    public string? Driver { get; init; }

    /// <summary>How calls reach the target and what they carry, where flags say so.</summary>
    public CallOverrides Calls { get; init; } = new();

    /// <summary>The user's word that the profile's own commands may run.</summary>
    public bool AllowCommands { get; init; }

    /// <summary>Worker threads; null chooses from the cores and where the target is.</summary>
    public int? Workers { get; init; }

    /// <summary>Which processors the workers are pinned to: <c>auto</c>, <c>off</c> or a list. (default: auto)</summary>
    public string Pin { get; init; } = Placement.Auto;

    /// <summary>Where metrics go by OTLP; null: nowhere.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Where run folders go. (default: results)</summary>
    public string Out { get; init; } = "results";

    /// <summary>The ledger of attempts; null: the one in the results folder.</summary>
    public string? Ledger { get; init; }

    /// <summary>What is tested, as the user gave it.</summary>
    public string? TargetId { get; init; }

    /// <summary>What stands in for real parts of the target.</summary>
    public IReadOnlyList<string> Stubs { get; init; } = [];

    /// <summary>The wall time of the first T0; null starts at once.</summary>
    public string? StartAt { get; init; }

    /// <summary>Does not measure the generator before the run; a stored measurement is used all the same.</summary>
    public bool NoCalibrate { get; init; }

    /// <summary>What is shown while the run goes on. (default: nothing)</summary>
    public UiMode Ui { get; init; }

    /// <summary>The command line as it was typed, secrets redacted.</summary>
    public required string Command { get; init; }
}
