namespace SpikeBench.Cli.Doctor;

/// <summary>How much a fact of the machine matters to a run.</summary>
internal enum Grade
{
    /// <summary>As it should be.</summary>
    Fine,

    /// <summary>A run may suffer from it.</summary>
    Mind,

    /// <summary>It would probably void a run.</summary>
    Voids,
}

/// <summary>One fact of the machine.</summary>
/// <param name="What">Its name.</param>
/// <param name="Measured">What was found, with its unit.</param>
/// <param name="Grade">How much it matters.</param>
/// <param name="Means">What it means for a run.</param>
/// <param name="Fix">What to do about it; empty where nothing is to be done.</param>
internal sealed record Finding(string What, string Measured, Grade Grade, string Means, string Fix = "");
