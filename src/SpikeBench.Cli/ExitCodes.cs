using SpikeBench.Core;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli;

/// <summary>What each end of the tool means to a script; a stable contract.</summary>
internal static class ExitCodes
{
    public const int Pass = 0;
    public const int Fail = 1;
    public const int Inconclusive = 2;
    public const int Invalid = 3;
    public const int TargetUnreachable = 4;
    public const int Usage = 64;
    public const int OurBug = 70;
    public const int Interrupted = 130;

    public static int Of(Outcome outcome) => outcome switch
    {
        Outcome.Pass => Pass,
        Outcome.Fail => Fail,
        Outcome.Inconclusive => Inconclusive,
        _ => Invalid,
    };

    public static int Of(Exception e) => e switch
    {
        UsageException => Usage,
        TargetException => TargetUnreachable,
        GeneratorException => Invalid,
        OperationCanceledException => Interrupted,
        _ => OurBug,
    };
}
