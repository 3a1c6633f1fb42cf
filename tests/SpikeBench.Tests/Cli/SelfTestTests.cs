using SpikeBench.Cli;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.SelfTest;

namespace SpikeBench.Tests.Cli;

public sealed class SelfTestTests
{
    [Fact]
    public void Every_known_answer_is_given() => KnownAnswers.All().Where(l => l.Holds != true).ShouldBeEmpty();

    [Fact]
    public void One_wrong_answer_is_exit_70_and_the_machines_figures_are_not_judged()
    {
        SelfTestLine right = new("a", "one", "1", "1", true), shown = new("b", "late", "shown", "3 s", null), wrong = new("b", "two", "2", "3", false);
        using var output = new StringWriter { NewLine = "\n" };
        SelfTestCommand.Print([right, shown], TimeSpan.FromSeconds(3), output).ShouldBe(ExitCodes.Pass);
        output.ToString().ShouldBe("            expected  got\na\nok    one   1         1\nb\n-     late  shown     3 s\n\nThe instrument gave all 1 known answers, in 3 s.\n");
        SelfTestCommand.Print([right, shown, wrong], TimeSpan.FromSeconds(3), output).ShouldBe(ExitCodes.OurBug);
        output.ToString().ShouldContain("WRONG two   2         3\n");
        output.ToString().ShouldContain("1 of 2 known answers were not given");
    }
}
