using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers;

namespace SecretRotator.Tests.Configuration;

public sealed class IncludedFilesTests : IDisposable
{
    private const string Head = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
        defaults: { owner: platform@acme.example, rotate-every: 30d }

        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("inventory");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_secrets_of_all_files_are_one_inventory_in_the_order_of_the_files()
    {
        Write("rotation.yaml", Head + "include: [teams/b.yaml, teams/a-*.yaml]\n" + Secrets("own"));
        Write("teams/b.yaml", "version: 1\n" + Secrets("b"));
        Write("teams/a-2.yaml", "version: 1\n" + Secrets("a2"));
        Write("teams/a-1.yaml", "version: 1\n" + Secrets("a1"));
        Write("teams/c.yaml", "version: 1\n" + Secrets("c"));

        var inventory = Read().Inventory!;

        inventory.Secrets.Select(secret => secret.Name).Should().Equal("own", "b", "a1", "a2");
        inventory.Secrets.Select(secret => (secret.File, secret.Line)).Should()
            .Equal((null, 8), (PathOf("teams/b.yaml"), 3), (PathOf("teams/a-1.yaml"), 3), (PathOf("teams/a-2.yaml"), 3));
    }

    [Fact]
    public void A_file_of_the_command_line_adds_its_secrets()
    {
        Write("rotation.yaml", Head);
        Write("more.yaml", "version: 1\n" + Secrets("more"));

        Read(PathOf("more.yaml")).Inventory!.Secrets.Should().ContainSingle().Which.Name.Should().Be("more");
    }

    [Fact]
    public void Defaults_of_a_file_go_before_those_of_the_inventory_key_by_key()
    {
        Write("rotation.yaml", Head + "include: [a.yaml, b.yaml]\n");
        Write("a.yaml", "version: 1\ndefaults: { owner: payments@acme.example }\n" + Secrets("a"));
        Write("b.yaml", "version: 1\ndefaults: { rotate-every: 7d }\n" + Secrets("b"));

        Read().Inventory!.Secrets.Select(secret => (secret.Owner, secret.RotateEvery.Days)).Should()
            .Equal(("payments@acme.example", 30), ("platform@acme.example", 7));
    }

    [Fact]
    public void What_must_be_unique_is_unique_over_all_files_and_problems_name_their_files()
    {
        Write("rotation.yaml", Head + "include: [a.yaml, b.yaml]\n" + Secrets("one"));
        Write("a.yaml", "version: 1\n" + Secrets("one").Replace("prod/one", "prod/a", StringComparison.Ordinal));
        Write("b.yaml", "version: 1\n" + Secrets("two").Replace("prod/two", "prod/a", StringComparison.Ordinal));

        Problems().Should().Equal(
            $"{PathOf("a.yaml")}:3:11: There is a secret \"one\" already, on line 8 of {PathOf("rotation.yaml")}. Choose another name, or "
                + "delete one of the two.",
            $"{PathOf("a.yaml")}:9:9: The variable \"ONE\" of \"workspace\" is a target of \"one\" already (line 14 of "
                + $"{PathOf("rotation.yaml")}). Delete one of the two: Bitbucket ignores case, and a variable can carry one value only.",
            $"{PathOf("b.yaml")}:5:11: \"prod/a\" is the path of a secret already, on line 5 of {PathOf("a.yaml")}. Delete one of the two "
                + "entries; a value with several fields is one entry with a list under \"value\".");
    }

    [Theory]
    [InlineData("include: [no.yaml]", "no.yaml: There is no such file. Name one that exists, or leave it out.")]
    [InlineData("include: [no-*.yaml]", "rotation.yaml:6:11: No file is called \"no-*.yaml\". Write a path from the folder")]
    [InlineData("include: [../a.yaml]", "rotation.yaml:6:11: \"../a.yaml\" can't be included. Write a path from the folder")]
    [InlineData("include: [/etc/passwd]", "rotation.yaml:6:11: \"/etc/passwd\" can't be included.")]
    [InlineData("include: [\"*/a.yaml\"]", "rotation.yaml:6:11: \"*/a.yaml\" can't be included.")]
    [InlineData("include: [a.yaml, \"a.*\"]", "a.yaml is here twice. Name each file once.")]
    [InlineData("include: [rotation.yaml]", "rotation.yaml is here twice.")]
    [InlineData("include: [wrong.yaml]", "wrong.yaml:2:1: Unknown key \"vaults\" in an included file.")]
    [InlineData("include: [broken.yaml]", "broken.yaml:2:1: This isn't YAML")]
    [InlineData("include: [newer.yaml]", "newer.yaml:1:1: This program reads version 1 of the inventory, and the file says 2.")]
    [InlineData("include: [empty.yaml]", "empty.yaml:1:1: The file is empty.")]
    [InlineData("include: []", "rotation.yaml:6:10: \"include\" has no items.")]
    [InlineData("", "rotation.yaml:1:1: The inventory has no secrets.")]
    public void A_file_that_can_not_be_taken_is_named_with_what_is_wrong(string include, string problem)
    {
        Write("rotation.yaml", Head + include + "\n");
        Write("a.yaml", "version: 1\n" + Secrets("a"));
        Write("wrong.yaml", "version: 1\nvaults: {}\n" + Secrets("wrong"));
        Write("broken.yaml", "{");
        Write("newer.yaml", "version: 2\n" + Secrets("newer"));
        Write("empty.yaml", "");

        Problems().Should().ContainSingle().Which.Should().Contain(problem);
    }

    [Fact]
    public void Files_that_are_too_large_together_are_refused_before_all_are_read()
    {
        Write("rotation.yaml", Head + "include: [\"large-*.yaml\"]\n");
        for (var index = 0; index < 10; index++)
            Write($"large-{index}.yaml", $"version: 1\n{Secrets($"s{index}")}{new string('#', YamlBounds.Bytes - 300)}");

        Problems().Should().ContainSingle().Which.Should().Be(
            $"{PathOf("large-8.yaml")}: All files of the inventory together are larger than 32 MiB. Make an inventory of its own of "
                + "some of "
                + "them.");
    }

    [Fact]
    public void More_secrets_fit_than_one_file_holds()
    {
        Write("rotation.yaml", Head + "include: [\"part-*.yaml\"]\n");
        for (var part = 0; part < 3; part++)
            Write(
                $"part-{part}.yaml",
                "version: 1\nsecrets:\n" + string.Concat(Enumerable.Range(0, 5_000).Select(index => Entry($"p{part}-s{index}"))));

        Read().Inventory!.Secrets.Should().HaveCount(15_000);
    }

    private static string Secrets(string name) => "secrets:\n" + Entry(name);

    private static string Entry(string name) => $$"""
          - name: {{name}}
            vault: prod
            path: prod/{{name}}
            value: { kind: hex }
            consumer: by-hand
            targets:
              - { workspace: true, variable: {{name.ToUpperInvariant().Replace('-', '_')}} }

        """;

    private string[] Problems() => [.. Read().Problems.Select(problem => problem.ToString())];

    private InventoryResult Read(params string[] further) => InventoryFile.Read(PathOf("rotation.yaml"), [.. further], InventoryKinds.All);

    private string PathOf(string file) => Path.Combine(_directory.FullName, file);

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }
}
