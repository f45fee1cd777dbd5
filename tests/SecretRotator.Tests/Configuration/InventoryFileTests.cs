using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Configuration;

public sealed class InventoryFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("inventory");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_sample_at_the_root_is_right() =>
        InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Problems.Select(problem => problem.ToString()).Should().BeEmpty();

    [Fact]
    public void A_missing_file_is_a_problem_and_no_exception() =>
        InventoryFile.Read("no-such.yaml", InventoryKinds.All).Problems.Select(problem => problem.ToString()).Should().Equal(
            "no-such.yaml: There is no such file. Name the inventory with \"--inventory FILE\", or make one: secret-rotator init. "
                + "docs/inventory.md explains it.");

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_is_none_is_a_problem_and_no_exception(string path) =>
        InventoryFile.Read(path, InventoryKinds.All).Problems
            .Should().ContainSingle().Which.What
            .Should().BeOneOf("The file can't be read", "There is no such file");

    [Fact]
    public void A_directory_is_a_problem_and_no_exception() =>
        InventoryFile.Read(_directory.FullName, InventoryKinds.All).Problems.Should().ContainSingle().Which.ToString().Should().Be(
            $"{_directory.FullName}: This is a directory. Name the file in it, such as \"--inventory rotation.yaml\".");

    [Fact]
    public void A_file_of_fifty_megabytes_is_refused_by_its_length()
    {
        var path = Path.Combine(_directory.FullName, "huge.yaml");
        using (var file = File.Create(path))
            file.SetLength(50_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var problems = InventoryFile.Read(path, InventoryKinds.All).Problems;

        problems.Should().ContainSingle().Which.What.Should().Be("The file is larger than 4 MiB, so it is not read");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(YamlBounds.Bytes);
    }

    [Fact]
    public void A_file_of_exactly_the_bound_is_read()
    {
        var path = Path.Combine(_directory.FullName, "full.yaml");
        File.WriteAllText(path, SampleInventory.Text + new string('#', YamlBounds.Bytes - SampleInventory.Text.Length));

        InventoryFile.Read(path, InventoryKinds.All).Problems.Should().BeEmpty();
    }

    [Fact]
    public void A_file_without_read_permission_is_a_problem_and_no_exception()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root, and Windows, may read a file of any mode.");
        var path = Path.Combine(_directory.FullName, "closed.yaml");
        File.WriteAllText(path, SampleInventory.Text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);

        InventoryFile.Read(path, InventoryKinds.All).Problems.Should().ContainSingle().Which.What.Should().Be("The file may not be read");
    }
}
