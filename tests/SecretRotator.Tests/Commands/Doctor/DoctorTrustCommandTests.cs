namespace SecretRotator.Tests.Commands;

public sealed class DoctorTrustCommandTests : IDisposable
{
    private const string Repository = "{22222222-2222-4222-8222-222222222222}";

    private readonly CommandFixture _commands = new();

    public DoctorTrustCommandTests() => File.WriteAllText(
        _commands.InventoryPath,
        File.ReadAllText(_commands.InventoryPath)
            .Replace(
                "region: eu-west-1 }", "region: eu-west-1, role: \"arn:aws:iam::123456789012:role/secret-rotator\" }",
                StringComparison.Ordinal));

    [Fact]
    public async Task It_shows_the_documents_with_the_commands_that_use_them()
    {
        (await _commands.RunAsync("doctor", "trust", "--for", "aws", "--repository-uuid", Repository)).Should().Be(0);

        _commands.Out.Should().Contain(
                "# aws iam create-role --role-name secret-rotator --assume-role-policy-document "
                    + "file://trust-123456789012-secret-rotator.json\n{\n")
            .And.Contain($"\"{Repository}:*\"").And.Contain("# - No thumbprint is needed");
    }

    [Fact]
    public async Task It_writes_them_into_a_directory()
    {
        var folder = _commands.PathOf("trust");

        (await _commands.RunAsync("doctor", "trust", "--for", "aws", "--write", folder)).Should().Be(0);

        Directory.GetFiles(folder)
            .Select(Path.GetFileName)
            .Should().BeEquivalentTo("trust-123456789012-secret-rotator.json", "permissions-123456789012-secret-rotator.json");
        JsonDocument.Parse(
            await File.ReadAllTextAsync(
                Path.Combine(folder, "trust-123456789012-secret-rotator.json"), TestContext.Current.CancellationToken)).RootElement
                    .GetProperty("Version").GetString().Should().Be("2012-10-17");
    }

    [Fact]
    public async Task What_is_there_is_not_replaced_by_what_is_less_exact()
    {
        var folder = _commands.PathOf("trust");
        var trust = Path.Combine(folder, "trust-123456789012-secret-rotator.json");
        string[] command = ["doctor", "trust", "--for", "aws", "--write", folder];
        string[] known = ["--set", "WORKSPACE-UUID=11111111-1111-4111-8111-111111111111", "--repository-uuid", Repository];
        (await _commands.RunAsync([.. command, .. known, "--environment-uuid", Repository])).Should().Be(0);
        var exact = await File.ReadAllTextAsync(trust, TestContext.Current.CancellationToken);
        _commands.Out.Should().Contain($"file://{trust}").And.NotContain("WORKSPACE-UUID");

        (await _commands.RunAsync([.. command, .. known])).Should().Be(0);

        (await File.ReadAllTextAsync(trust, TestContext.Current.CancellationToken)).Should().Be(exact);
        _commands.Out.Should().Contain("# - trust-123456789012-secret-rotator.json was there, and stays as it is.")
            .And.Contain("--environment-uuid UUID");

        (await _commands.RunAsync(command)).Should().Be(0);
        (await File.ReadAllTextAsync(trust, TestContext.Current.CancellationToken)).Should().Be(exact);
    }

    [Fact]
    public async Task What_is_complete_is_renewed()
    {
        var permissions = Path.Combine(_commands.PathOf("trust"), "permissions-123456789012-secret-rotator.json");
        string[] command = ["doctor", "trust", "--for", "aws", "--write", _commands.PathOf("trust")];
        (await _commands.RunAsync(command)).Should().Be(0);
        var before = await File.ReadAllTextAsync(permissions, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(permissions, "{}", TestContext.Current.CancellationToken);

        (await _commands.RunAsync(command)).Should().Be(0);

        (await File.ReadAllTextAsync(permissions, TestContext.Current.CancellationToken)).Should().Be(before);
    }

    [Theory]
    [InlineData("REGION=eu-west-1", "WORKSPACE-UUID, REPOSITORY-UUID")]
    [InlineData("WORKSPACE-UUID", "takes a word and its value")]
    [InlineData("WORKSPACE-UUID=$(id)", "takes a word and its value")]
    public async Task A_word_that_the_documents_do_not_have_is_refused(string pair, string said)
    {
        (await _commands.RunAsync("doctor", "trust", "--for", "aws", "--set", pair)).Should().Be(2);

        _commands.Error.Should().Contain(said);
    }

    [Fact]
    public async Task For_machines_it_is_one_object()
    {
        (await _commands.RunAsync("doctor", "trust", "--for", "aws", "--output", "json")).Should().Be(0);

        (_commands.Json.GetProperty("version").GetInt32(),
            _commands.Json.GetProperty("for").GetString(), _commands.Json.GetProperty("documents")[0].GetProperty("file").GetString())
            .Should().Be((1, "aws", "trust-123456789012-secret-rotator.json"));
    }

    [Theory]
    [InlineData("--for", "oracle")]
    [InlineData("--for", "aws", "--environment-uuid", "production")]
    [InlineData()]
    public async Task What_can_not_be_understood_answers_2(params string[] options) =>
        (await _commands.RunAsync(["doctor", "trust", .. options])).Should().Be(2);

    [Fact]
    public async Task It_calls_nobody()
    {
        await _commands.RunAsync("doctor", "trust", "--for", "aws");

        _commands.Sessions.Opened.Should().BeEmpty();
    }

    public void Dispose() => _commands.Dispose();
}
