using System.Text.Json.Nodes;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Tests.Configuration;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Schedules;

public sealed class ScheduleFolderTests : IDisposable
{
    private const string Right = "name: nightly\ncron: \"30 1 * * *\"\nzone: UTC\npipeline: rotate\nbranch: main\n";

    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 12, 0);
    private static readonly VariableScope.Repository Home = new("acme", "secret-rotator");
    private static readonly JsonObject Schema =
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "schedule.schema.json")))!.AsObject();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("schedules-");

    [Fact]
    public void A_file_says_what_runs_when()
    {
        var schedule = Read(Right).Schedules.Should().ContainSingle().Which;

        (schedule.Name, schedule.Repository, schedule.Pipeline, schedule.Branch, schedule.Pattern, schedule.Enabled, schedule.Zone.Id)
            .Should().Be(("nightly", Home, "rotate", "main", "0 30 1 * * ? *", true, "UTC"));
    }

    [Fact]
    public void A_file_may_name_a_repository_and_disable_its_schedule()
    {
        var schedule = Read(Right + "repository: Payments-API\nenabled: false\n").Schedules.Single();

        (schedule.Repository.Slug, schedule.Enabled).Should().Be(("payments-api", false));
    }

    [Fact]
    public void The_files_of_this_repository_are_right()
    {
        var folder = ScheduleFolder.Read(Path.Combine(RepositoryFiles.Root, "schedules"), Home, Now);

        folder.Problems.Should().BeEmpty();
        folder.Schedules.Select(schedule => (schedule.Name, schedule.Pipeline)).Should()
            .Equal(("hourly-drift-check", "verify"), ("nightly-rotation", "rotate"), ("weekly-audit-report", "report"));
    }

    [Theory]
    [InlineData("name: nightly", "name: Nightly", "1:7: \"Nightly\" can't be a schedule's name.")]
    [InlineData("name: nightly\n", "", "1:1: The key \"name\" is missing in a schedule.")]
    [InlineData("30 1 * * *", "30 1 * *", "2:7: \"30 1 * *\" has 4 fields, and a cron expression has five.")]
    [InlineData("30 1 * * *", "30 25 * * *", "2:7: \"25\" can't be the hour of a cron expression.")]
    [InlineData("30 1 * * *", "30 1 30 2 *", "2:7: \"30 1 30 2 *\" never comes.")]
    [InlineData("zone: UTC", "zone: Europe/Berlin", "2:7: The clocks of Europe/Berlin change")]
    [InlineData("zone: UTC", "zone: Europe/Belin", "3:7: There is no time zone \"Europe/Belin\". Did you mean \"Europe/Berlin\"?")]
    [InlineData("branch: main", "branch: refs/heads/main", "5:9: \"refs/heads/main\" can't be a branch.")]
    [InlineData("branch: main", "branch: release/*", "5:9: \"release/*\" can't be a branch.")]
    [InlineData("branch: main", "branch: main\nrepository: acme/x", "6:13: \"acme/x\" can't be a repository.")]
    [InlineData("branch: main", "branch: main\nenabled: \"no\"", "6:10: \"enabled\" must be true or false.")]
    [InlineData("branch: main", "branch: main\npipelin: x", "6:1: Unknown key \"pipelin\" in a schedule. Did you mean \"pipeline\"?")]
    [InlineData("name: nightly", "version: 1\nname: nightly", "1:1: Unknown key \"version\" in a schedule.")]
    public void A_mistake_is_told_with_its_place(string before, string after, string problem) =>
        Read(Right.Replace(before, after, StringComparison.Ordinal)).Problems
            .Should().ContainSingle().Which
            .ToString()
            .Should().StartWith($"{PathOf("a.yaml")}:{problem}");

    [Fact]
    public void All_mistakes_of_all_files_are_told_at_once()
    {
        Write("b.yaml", "name: B\nzone: nowhere\n");

        var folder = Read("name: nightly\n");

        folder.Schedules.Should().BeEmpty();
        folder.Problems.Select(problem => $"{Path.GetFileName(problem.File)}:{problem.Line}").Should()
            .Equal("a.yaml:1", "a.yaml:1", "a.yaml:1", "a.yaml:1", "b.yaml:1", "b.yaml:1", "b.yaml:1", "b.yaml:1", "b.yaml:2");
    }

    [Fact]
    public void Two_files_can_not_have_one_name()
    {
        Write("b.yml", Right.Replace("30 1", "45 1", StringComparison.Ordinal));

        Read(Right).Problems.Should().ContainSingle().Which.What.Should().Be($"The name \"nightly\" is taken by {PathOf("a.yaml")}");
    }

    [Fact]
    public void Two_files_can_not_ask_for_the_same()
    {
        Write("b.yaml",
            Right.Replace("nightly", "other", StringComparison.Ordinal)
                .Replace("30 1 * * *\"\nzone: UTC", "30 10 * * *\"\nzone: Asia/Tokyo", StringComparison.Ordinal));

        Read(Right).Problems
            .Should().ContainSingle().Which.What
            .Should().Be("It runs the same pipeline on the same branch at the same times as \"nightly\"");
    }

    [Fact]
    public void A_folder_without_schedules_is_a_mistake_and_not_a_wish_to_delete_everything()
    {
        Write("readme.txt", "none here");

        ScheduleFolder.Read(_folder.FullName, Home, Now).Problems
            .Should().ContainSingle().Which.What
            .Should().Be("No file in it ends in .yaml");
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_mistake() =>
        ScheduleFolder.Read(PathOf("missing"), Home, Now).Problems
            .Should().ContainSingle().Which.What
            .Should().StartWith("There is no such folder");

    [Fact]
    public void A_file_that_is_too_large_or_empty_is_a_mistake()
    {
        Write("b.yaml", new string('#', 70_000));

        Read("").Problems
            .Select(problem => problem.What)
            .Should().Equal("The file is empty", "The file is larger than 64 KiB, so it is not read");
    }

    [Fact]
    public void The_schema_has_the_keys_that_the_reader_takes()
    {
        Schema["properties"]!.AsObject().Select(property => property.Key).Should().Equal(ScheduleGrammar.Keys.Keys.Select(key => key.Name));
        Schema["required"]!
            .AsArray()
            .Select(key => key!.GetValue<string>())
            .Should().Equal(ScheduleGrammar.Keys.Keys.Where(key => key.Required).Select(key => key.Name));
        Schema["additionalProperties"]!.GetValue<bool>().Should().BeFalse();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("enabled: false\nrepository: payments-api\n", true)]
    [InlineData("enabled: \"no\"\n", false)]
    [InlineData("other: 1\n", false)]
    [InlineData("repository: acme/x\n", false)]
    public void The_schema_and_the_reader_agree(string more, bool right) =>
        (RotationSchema.Accepts(Right + more, new SchemaEvaluator(Schema)), Read(Right + more).Problems.IsEmpty).Should()
            .Be((right, right));

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    private ScheduleFolder Read(string text)
    {
        Write("a.yaml", text);
        return ScheduleFolder.Read(_folder.FullName, Home, Now);
    }
}
