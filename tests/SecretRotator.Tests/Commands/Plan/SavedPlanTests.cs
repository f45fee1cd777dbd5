using SecretRotator.Commands;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class SavedPlanTests : IDisposable
{
    private static readonly PlanRequest Request = new()
    {
        Only = ["payments-db", "grid-api"],
        Force = ["grid-api"],
        ForceReason = "leaked \"in\" a log",
        ForcedBy = "jo@laptop",
        Adopt = true,
        TakeOver = ["payments-db"],
        Shard = (2, 3),
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-");

    private string PlanPath => Path.Combine(_directory.FullName, "plan.json");

    [Fact]
    public void It_gives_back_the_request_and_the_digest()
    {
        SavedPlan.Write(PlanPath, Request, Samples.Plan);

        var saved = SavedPlan.Read(PlanPath);

        saved.Request.Should().BeEquivalentTo(Request);
        saved.Digest.Should().Be(Samples.Plan.Plan.Digest);
    }

    [Fact]
    public void It_gives_back_what_the_plan_rests_on()
    {
        var parts = new PlanParts(
            ImmutableSortedDictionary<string, string>.Empty.Add("db: entry", "0123456789ab").Add("settings", "ba9876543210"));
        SavedPlan.Write(PlanPath, Request, Samples.Plan with { Plan = Samples.Plan.Plan with { MakeParts = () => parts } });

        SavedPlan.Read(PlanPath).Parts!.ByName.Should().Equal(parts.ByName);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{\"db: entry\":7}")]
    [InlineData("null")]
    public void A_file_that_does_not_say_what_it_rests_on_is_still_a_plan(string restsOn)
    {
        SavedPlan.Write(PlanPath, Request, Samples.Plan);
        var text = File.ReadAllText(PlanPath);
        File.WriteAllText(PlanPath, text.Replace("\"restsOn\": {}", $"\"restsOn\": {restsOn}", StringComparison.Ordinal));

        var saved = SavedPlan.Read(PlanPath);

        (saved.Parts, saved.Digest).Should().Be((null, Samples.Plan.Plan.Digest));
    }

    [Fact]
    public void It_gives_back_a_request_for_everything()
    {
        SavedPlan.Write(PlanPath, PlanRequest.Everything, Samples.Plan);

        SavedPlan.Read(PlanPath).Request.Should().BeEquivalentTo(PlanRequest.Everything);
    }

    [Fact]
    public void Only_its_owner_can_read_it_whatever_stood_there_before()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows knows no file modes.");
        File.WriteAllText(PlanPath, "old");
        File.WriteAllText(PlanPath + ".new", "left behind");

        SavedPlan.Write(PlanPath, Request, Samples.Plan);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(PlanPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_directory.FullName).Should().Equal(PlanPath);
    }

    [Theory]
    [InlineData("", "It isn't JSON.")]
    [InlineData("\0\u0001\u0002", "It isn't JSON.")]
    [InlineData("[]", "It isn't a saved plan.")]
    [InlineData("{\"kind\":7}", "It isn't a saved plan.")]
    [InlineData("{\"kind\":\"secret-rotator-plan\"}", "Another version of the program saved it.")]
    [InlineData("{\"kind\":\"secret-rotator-plan\",\"version\":2}", "Another version of the program saved it.")]
    [InlineData("{\"kind\":\"secret-rotator-plan\",\"version\":1e99}", "Another version of the program saved it.")]
    [InlineData("{\"kind\":\"secret-rotator-plan\",\"version\":1,\"digest\":\"abc\"}", "Its digest is missing")]
    public void What_is_no_saved_plan_is_refused_with_a_reason(string content, string reason)
    {
        File.WriteAllText(PlanPath, content);

        Refusal().Should().Contain(reason);
    }

    [Theory]
    [InlineData("\"only\": [", "\"only\": 7, \"x\": [", "only")]
    [InlineData("\"payments-db\"", "7", "only")]
    [InlineData("\"jo@laptop\"", "null", "forcedBy")]
    [InlineData("\"adopt\": true", "\"adopt\": \"yes\"", "adopt")]
    [InlineData("\"index\": 2", "\"index\": 4", "shard")]
    [InlineData("\"index\": 2", "\"index\": 99999999999", "shard")]
    [InlineData("\"request\"", "\"requests\"", "what was asked for")]
    public void A_saved_plan_that_was_tampered_with_is_refused(string was, string becomes, string about)
    {
        SavedPlan.Write(PlanPath, Request, Samples.Plan);
        var content = File.ReadAllText(PlanPath);
        content.Should().Contain(was);
        File.WriteAllText(PlanPath, content.Replace(was, becomes, StringComparison.Ordinal));

        Refusal().Should().Contain(about);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        File.WriteAllText(PlanPath, new string('[', 100_000));

        Refusal().Should().Contain("It isn't JSON.");
    }

    [Fact]
    public void A_huge_file_is_refused_before_it_is_read()
    {
        using (var file = File.Create(PlanPath))
            file.SetLength((16 << 20) + 1);

        Refusal().Should().Contain("larger than 16 MiB");
    }

    [Fact]
    public void A_directory_is_refused()
    {
        Directory.CreateDirectory(PlanPath);

        Refusal().Should().Contain("There is no such file.");
    }

    [Fact]
    public void A_plan_that_can_not_be_saved_is_a_mistake_of_the_user() =>
        FluentActions.Invoking(() => SavedPlan.Write(Path.Combine(_directory.FullName, "nowhere", "plan.json"), Request, Samples.Plan))
            .Should().Throw<UsageException>().Which.Problems.Single().Hint.Should().Contain("directory that exists");

    public void Dispose() => _directory.Delete(recursive: true);

    private string Refusal()
    {
        var problem = FluentActions.Invoking(() => SavedPlan.Read(PlanPath)).Should().Throw<UsageException>().Which.Problems.Single();
        problem.File.Should().Be(PlanPath);
        problem.Hint.Should().Contain("plan --out");
        return problem.Message;
    }
}
