using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Core.Profiles.Feeds;

namespace SpikeBench.Tests.Profiles.Feeds;

public sealed class CsvTableTests
{
    [Theory]
    [InlineData("a,b\n1,2\n")]
    [InlineData("a,b\r\n1,2\r\n")]
    [InlineData("a,b\n1,2")]
    [InlineData("\n\na,b\n\n1,2\n\n")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"\n")]
    public void A_table_is_read_however_its_lines_end(string text)
    {
        CsvTable table = Read(text);
        table.Header.ShouldBe(["a", "b"]);
        table.Rows.ShouldHaveSingleItem().ShouldBe(["1", "2"]);
    }

    [Fact]
    public void Quoted_cells_hold_commas_line_breaks_and_quotes()
    {
        CsvTable table = Read("이름,text\n\"김, 은하\",\"she said \"\"새해\r\n복\"\"\"\n,\n");
        table.Header.ShouldBe(["이름", "text"]);
        table.Rows[0].ShouldBe(["김, 은하", "she said \"새해\r\n복\""]);
        table.Rows[1].ShouldBe(["", ""]);
    }

    [Fact]
    public void What_was_quoted_is_read_back() =>
        Prop.ForAll<NonEmptyString, NonEmptyString>((first, second) =>
        {
            string[] cells = [first.Get, second.Get];
            string row = string.Join(',', cells.Select(c => '"' + c.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));
            Read($"a,b\n{row}\n").Rows.ShouldHaveSingleItem().ShouldBe(cells);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "is empty; its first line names the columns")]
    [InlineData("a,b\n", "has no row below the line that names the columns")]
    [InlineData("a,b\n1\n", "line 2: has 1 cell where the first line names 2 columns")]
    [InlineData("a,b\n1,2\n\n1,2,3\n", "line 4: has 3 cells where the first line names 2 columns")]
    [InlineData("a,a\n1,2\n", "line 1: two columns are called 'a'")]
    [InlineData("a\n\"1\n2\n", "line 2: a quote is opened and never closed")]
    [InlineData("a\n\"1\"2\n", "line 2: something stands behind a closing quote; a quote inside quotes is doubled")]
    public void A_file_that_is_no_table_is_one_error_with_its_line(string text, string expected)
    {
        (CsvTable? table, string? error) = CsvTable.Read(text);
        table.ShouldBeNull();
        error.ShouldBe(expected);
    }

    private static CsvTable Read(string text)
    {
        (CsvTable? table, string? error) = CsvTable.Read(text);
        return table ?? throw new InvalidOperationException(error);
    }
}
