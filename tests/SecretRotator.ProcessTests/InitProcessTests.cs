namespace SecretRotator.Tests.Processes;

/// <summary><c>init</c>: what it writes, and what it leaves alone.</summary>
public sealed class InitProcessTests : IDisposable
{
    private static readonly string[] Written =
    [
        ".gitignore", "bitbucket-pipelines.yml", "rotation.yaml", "schedules/hourly-drift-check.yaml", "schedules/nightly-rotation.yaml",
        "schedules/weekly-audit-report.yaml", "schemas/rotation-included.schema.json", "schemas/rotation.schema.json",
            "schemas/schedule.schema.json",
    ];

    private readonly Rotator _rotator = new();

    public static TheoryData<string> Clouds => [.. VaultProviders.All.Select(provider => provider.Start?.Word).OfType<string>()];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task What_it_writes_is_valid_passes_doctor_and_rotates(string cloud)
    {
        var made = await _rotator.RunAsync("init", "--yes", "--workspace", "Acme", "--home", "123", "--cloud", cloud);

        made.ExitCode.Should().Be(0, made.Error);
        Files().Should().Equal(Written);
        made.Out.Should().Contain("3 answers: 3 pass.").And.Contain("https://bitbucket.org/acme/123/admin/pipelines/settings");
        (await _rotator.RunAsync("validate")).ExitCode.Should().Be(0);
        (await _rotator.RunAsync("schedules", "plan", "--sandbox")).ExitCode.Should().Be(0);
        (await _rotator.RunAsync("rotate", "--sandbox")).Out.Should().Contain("1 rotated");
    }

    [Fact]
    public async Task What_is_there_already_is_named_and_nothing_is_written()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), "mine", Cancellation);

        var made = await _rotator.RunAsync("init", "--yes");

        made.ExitCode.Should().Be(2);
        made.Error.Should().StartWith("rotation.yaml is here already");
        Files().Should().Equal("rotation.yaml");
        (await File.ReadAllTextAsync(_rotator.PathOf("rotation.yaml"), Cancellation)).Should().Be("mine");
    }

    [Fact]
    public async Task Where_not_everything_can_be_written_nothing_is()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("schemas"), "a file where a folder has to be", Cancellation);

        (await _rotator.RunAsync("init", "--yes")).ExitCode.Should().Be(2);

        Files().Should().Equal("schemas");
        Directory.GetDirectories(_rotator.Folder).Should().BeEmpty();
    }

    [Fact]
    public async Task A_clone_knows_its_workspace_and_home_and_keeps_its_gitignore()
    {
        Directory.CreateDirectory(_rotator.PathOf(".git"));
        await File.WriteAllTextAsync(
            _rotator.PathOf(".git/config"), "[remote \"origin\"]\n\turl = git@bitbucket.org:grid/Keeper.git\n", Cancellation);
        await File.WriteAllTextAsync(_rotator.PathOf(".gitignore"), "mine", Cancellation);

        var made = await _rotator.RunAsync("init", "--yes");

        made.ExitCode.Should().Be(0, made.Error);
        (await File.ReadAllTextAsync(_rotator.PathOf("rotation.yaml"), Cancellation)).Should().Contain("home: \"grid/keeper\"");
        (await File.ReadAllTextAsync(_rotator.PathOf(".gitignore"), Cancellation)).Should().Be("mine");
        made.Out.Should().Contain(".gitignore was there and stays as it is: add bin/, evidence/");
    }

    [Fact]
    public async Task On_a_terminal_it_asks_for_what_no_option_says_and_again_where_an_answer_is_none()
    {
        using var asked = new Rotator { Answers = ["not a slug", "acme", "", "azure", "Live", "premium"] };

        var made = await asked.RunAsync("init");

        made.ExitCode.Should().Be(0, made.Error);
        made.Error.Should().Contain("[my-workspace]: Write the slug as it is in the address");
        made.Out.Should().Contain("docs/azure.md").And.Contain("Environment Live: let only").And.Contain("a workspace access token");
        (await File.ReadAllTextAsync(asked.PathOf("rotation.yaml"), Cancellation)).Should()
            .Contain("home: \"acme/secret-rotator\"").And.Contain("kind: azure-key-vault");
    }

    [Fact]
    public async Task An_answer_that_never_comes_leaves_everything_as_it_was()
    {
        using var asked = new Rotator { Answers = ["acme"] };

        (await asked.RunAsync("init")).ExitCode.Should().Be(2);

        Directory.GetFileSystemEntries(asked.Folder).Should().BeEmpty();
    }

    [Theory]
    [InlineData("init", "--workspace, --home, --cloud, --environment, --bitbucket-plan isn't given")]
    [InlineData("init --yes --workspace a/b", "--workspace doesn't take \"a/b\"")]
    [InlineData("init --yes --environment a\"b", "--environment doesn't take")]
    [InlineData("init --yes --release-url http://releases.acme.example", "--release-url doesn't take")]
    [InlineData("init --yes --release-url https://releases.acme.example/$(id)", "--release-url doesn't take")]
    [InlineData("init --yes --sha256 1234", "--sha256 doesn't take \"1234\"")]
    [InlineData("init --yes --output json", "init has no --output json.")]
    public async Task A_mistake_is_named_and_nothing_is_written(string arguments, string said)
    {
        var made = await _rotator.RunAsync(arguments.Split(' '));

        made.ExitCode.Should().Be(2);
        (made.Out + made.Error).ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal).Should().Contain(said);
        Directory.GetFileSystemEntries(_rotator.Folder).Should().BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    private string[] Files() =>
    [
        .. Directory.GetFiles(_rotator.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_rotator.Folder, file))
            .Where(file => !file.StartsWith(".git/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
