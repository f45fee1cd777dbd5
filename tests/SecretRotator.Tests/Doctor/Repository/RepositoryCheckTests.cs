using System.Buffers.Binary;
using SecretRotator.Doctor.Repository;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor.Repository;

public sealed class RepositoryCheckTests : IDisposable
{
    // No one's: the documentation of AWS has it.
    private static readonly string Key = "AKIA" + "IOSFODNN7EXAMPLF";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("repository");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_secret_in_a_tracked_file_is_told_with_its_place(int version)
    {
        Write("a/notes.txt", "nothing");
        Write("a/notes.md", $"first\n  key: {Key}\n");
        Write("untracked.txt", Key);
        Track(version, "a/notes.md", "a/notes.txt", "b");

        var result = (await RunAsync("a")).Should().ContainSingle().Subject;

        (result.Status, result.Id, result.File, result.Line, result.Column).Should()
            .Be((CheckStatus.Fail, "secret-in-repository", "a/notes.md", 2, 8));
        $"{result.Observed}{result.Why}{result.Fix}".Should().NotContain(Key);
    }

    [Theory]
    [InlineData("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", CheckStatus.Fail)]
    [InlineData("and so on", CheckStatus.Pass)]
    public async Task The_first_line_of_a_key_is_no_key(string next, object status)
    {
        Write("key", $"-----BEGIN PRIVATE{' '}KEY-----\n{next}\n");
        Track(2, "key");

        (await RunAsync()).Should().ContainSingle().Which.Status.Should().Be((CheckStatus)status);
    }

    [Fact]
    public async Task Files_of_examples_can_be_named()
    {
        Write("a.txt", Key);
        Write("tests/b.txt", Key);
        Write(RepositoryCheck.IgnoreFile, "# examples\na.txt\ntests/\n");
        Track(2, "a.txt", "tests/b.txt");

        (await RunAsync()).Should().ContainSingle().Which.Status.Should().Be(CheckStatus.Pass);
    }

    [Fact]
    public async Task What_is_binary_or_missing_is_counted()
    {
        Write("a.txt", "text");
        Write("b.bin", $"\0{Key}");
        Track(2, "a.txt", "b.bin", "gone");

        (await RunAsync()).Should().ContainSingle().Which.Observed.Should()
            .Be("1 file that git tracks, and no secret by its issuer's format; 2 more are binary, missing or too large.");
    }

    [Theory]
    [InlineData("DIRC")]
    [InlineData("DIRC\0\0\0\u0002\0\0\0\u0009")]
    [InlineData("DIRC\0\0\0\u0009\0\0\0\u0001")]
    [InlineData("no index at all, but long enough to be one")]
    public async Task An_index_that_can_not_be_read_is_unknown(string index)
    {
        Write(".git/index", index);

        (await RunAsync()).Should().ContainSingle().Which.Status.Should().Be(CheckStatus.Unknown);
    }

    [Fact]
    public async Task Outside_a_repository_it_is_unknown() =>
        (await RunAsync()).Should().ContainSingle().Which.Observed.Should().Be("This folder isn't in a git repository.");

    private Task<IReadOnlyList<CheckResult>> RunAsync(string folder = "") =>
        new RepositoryCheck(Path.Combine(_directory.FullName, folder)).RunAsync(TestContext.Current.CancellationToken);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_directory.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    // As git writes it: https://git-scm.com/docs/index-format.
    private void Track(int version, params string[] files)
    {
        using var index = new MemoryStream();
        index.Write("DIRC"u8);
        Number((uint)version);
        Number((uint)files.Length + 1);
        var before = "";
        foreach (var (file, mode) in files.Select(file => (file, 0x81a4u)).Append(("z/module", 0xe000u)))
        {
            var start = index.Length;
            for (var fact = 0; fact < 10; fact++)
                Number(fact == 6 ? mode : 1);
            index.Write(new byte[20]);
            var isExtended = version > 2;
            index.Write([(byte)(isExtended ? 0x40 : 0), (byte)file.Length]);
            if (isExtended)
                index.Write(new byte[2]);
            var kept = version == 4 ? before.Zip(file).TakeWhile(pair => pair.First == pair.Second).Count() : 0;
            if (version == 4)
                index.WriteByte((byte)(before.Length - kept));
            index.Write(Encoding.UTF8.GetBytes(file[kept..]));
            index.Write(new byte[version == 4 ? 1 : 8 - (int)((index.Length - start) % 8)]);
            before = file;
        }

        Directory.CreateDirectory(Path.Combine(_directory.FullName, ".git"));
        File.WriteAllBytes(Path.Combine(_directory.FullName, ".git", "index"), index.ToArray());

        void Number(uint number)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
            index.Write(bytes);
        }
    }
}
