using System.Text.RegularExpressions;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Tests.Sandbox;

public sealed partial class FaultSpecTests
{
    [Theory]
    [InlineData("bitbucket.put@DB_PASSWORD#1..=503", "bitbucket", "put", "DB_PASSWORD", 1, int.MaxValue)]
    [InlineData("aws.UpdateSecretVersionStage#2=lost", "aws", "UpdateSecretVersionStage", "", 2, 2)]
    [InlineData("azure.PutSecret#1=kill", "azure", "PutSecret", "", 1, 1)]
    [InlineData("bitbucket.put=429", "bitbucket", "put", "", 1, int.MaxValue)]
    [InlineData("BITBUCKET.PUT@x#3..=garbage", "bitbucket", "put", "x", 3, int.MaxValue)]
    [InlineData("aws.GetSecretValue@team=a/b@c#d#4=503", "aws", "GetSecretValue", "team=a/b@c#d", 4, 4)]
    [InlineData("aws.GetSecretValue@a#b=503", "aws", "GetSecretValue", "a#b", 1, int.MaxValue)]
    [InlineData("*.*#7=kill", "*", "*", "", 7, 7)]
    [InlineData("azure.*@grid=503", "azure", "*", "grid", 1, int.MaxValue)]
    [InlineData("*.token=503", "*", "token", "", 1, int.MaxValue)]
    public void It_reads_service_operation_match_and_count(string text, string service, string operation, string match, int first, int last)
    {
        var fault = FaultSpec.Parse(text);

        (fault.Service, fault.Operation, fault.Match, fault.First, fault.Last).Should().Be((service, operation, match, first, last));
    }

    public static TheoryData<string, object> Effects => new()
    {
        { "503", new FaultEffect.Status(503) },
        { "lost", new FaultEffect.Lost() },
        { "LOST", new FaultEffect.Lost() },
        { "garbage", new FaultEffect.Garbage() },
        { "kill", new FaultEffect.Kill(Before: false) },
        { "kill-before", new FaultEffect.Kill(Before: true) },
        { "hold", new FaultEffect.Hold(Before: false) },
        { "hold-before", new FaultEffect.Hold(Before: true) },
        { "late:8s", new FaultEffect.Late(TimeSpan.FromSeconds(8)) },
        { "delay:5s", new FaultEffect.Delay(TimeSpan.FromSeconds(5)) },
        { "delay:250ms", new FaultEffect.Delay(TimeSpan.FromMilliseconds(250)) },
        { "delay:1.5s", new FaultEffect.Delay(TimeSpan.FromSeconds(1.5)) },
        { "delay:2m", new FaultEffect.Delay(TimeSpan.FromMinutes(2)) },
    };

    [Theory]
    [MemberData(nameof(Effects))]
    public void It_reads_every_effect(string text, object effect) =>
        FaultSpec.Parse("bitbucket.put=" + text).Effect.Should().Be(effect);

    [Theory]
    [InlineData("bitbucket.put", "*no =EFFECT*")]
    [InlineData("put=503", "*SERVICE.OPERATION*")]
    [InlineData("=503", "*SERVICE.OPERATION*")]
    [InlineData("", "*no =EFFECT*")]
    [InlineData("bitbuket.put=503", "*no service called 'bitbuket' (did you mean bitbucket?)*aws*azure*")]
    [InlineData("bitbucket.putt=503", "*no operation of bitbucket called 'putt' (did you mean put?)*list*")]
    [InlineData("aws.put=503", "*no operation of aws called 'put'*PutSecretValue*")]
    [InlineData("*.putt=503", "*no operation of any service called 'putt' (did you mean put?)*")]
    [InlineData("bitbucket.put@=503", "*follows the @*")]
    [InlineData("bitbucket.put#=503", "*follows the #*")]
    [InlineData("bitbucket.put#2...=503", "*follows the #*")]
    [InlineData("bitbucket.put#0=503", "*count from 1*")]
    [InlineData("bitbucket.put#99999999999=503", "*count from 1*")]
    [InlineData("bitbucket.put=", "*no effect called ''*")]
    [InlineData("bitbucket.put=lsot", "*did you mean lost?*")]
    [InlineData("bitbucket.put=99", "*from 200 to 599*")]
    [InlineData("bitbucket.put=600", "*from 200 to 599*")]
    [InlineData("bitbucket.put=delay:5", "*'5' is not a time*")]
    [InlineData("bitbucket.put=delay:0s", "*'0s' is not a time*")]
    [InlineData("bitbucket.put=delay:11m", "*'11m' is not a time*")]
    public void What_can_not_be_read_is_named_with_the_grammar(string text, string message)
    {
        var parse = () => FaultSpec.Parse(text);

        parse.Should().Throw<SandboxFailureException>().WithMessage(message).WithMessage("*SERVICE.OPERATION[@MATCH][#N or #N..]=EFFECT*");
    }

    [Fact]
    public void Every_fault_in_the_guide_can_be_read()
    {
        var specs = ExampleInGuide().Matches(Guide).Select(match => match.Groups[1].Value).ToList();

        specs.Should().HaveCountGreaterThan(3).And.AllSatisfy(spec => FaultSpec.Parse(spec));
    }

    [Fact]
    public void Every_service_and_every_operation_of_bitbucket_and_sts_stands_in_the_guide()
    {
        var words = FaultVocabulary.Services.Keys.Concat(FaultVocabulary.Services["bitbucket"]).Concat(FaultVocabulary.Services["sts"]);

        words.Should().OnlyContain(word => Guide.Contains($"`{word}`", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_counts_only_the_calls_that_it_concerns()
    {
        var board = Board("bitbucket.put@password#2=503");
        Meet(board, "put", "a:DB_PASSWORD");
        Meet(board, "get", "a:DB_PASSWORD");
        Meet(board, "put", "a:OTHER");

        Meet(board, "put", "b:db_password").Should().NotBeNull();
    }

    [Fact]
    public void A_fault_of_one_call_hits_once()
    {
        var board = Board("bitbucket.put#1=503");
        Meet(board, "put", "a");

        Meet(board, "put", "a").Should().BeNull();
    }

    [Fact]
    public void A_fault_from_a_call_on_hits_all_later_ones()
    {
        var board = Board("bitbucket.put#2..=503");

        Enumerable.Range(0, 4).Select(_ => Meet(board, "put", "a") is not null).Should().Equal(false, true, true, true);
    }

    [Fact]
    public void A_star_counts_the_calls_of_all_services_together()
    {
        var board = Board("*.*#2=503");
        board.Meet("aws", new CallName("DescribeSecret", "a"));

        Meet(board, "put", "b").Should().NotBeNull();
    }

    [Fact]
    public void Of_two_faults_the_first_hits_and_both_count()
    {
        var board = Board("bitbucket.put#1=503", "bitbucket.put#2=429");

        Enumerable.Range(0, 3)
            .Select(_ => Meet(board, "put", "a")?.Spec)
            .Should().Equal("bitbucket.put#1=503", "bitbucket.put#2=429", null);
    }

    private static string Guide
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "SecretRotator.sln")))
                folder = folder.Parent;
            return File.ReadAllText(Path.Combine(folder.FullName, "docs", "sandbox.md"));
        }
    }

    [GeneratedRegex("--fault '([^']+)'")]
    private static partial Regex ExampleInGuide();

    private static FaultRegistry Board(params string[] specs)
    {
        var board = new FaultRegistry();
        board.Add(specs.Select(FaultSpec.Parse));
        return board;
    }

    private static Fault? Meet(FaultRegistry board, string operation, string resource) =>
        board.Meet("bitbucket", new CallName(operation, resource));
}
