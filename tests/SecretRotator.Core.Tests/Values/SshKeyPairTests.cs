using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;

namespace SecretRotator.Tests.Values;

public sealed class SshKeyPairTests
{
    // One for all tests: finding primes takes a while.
    private static readonly Lazy<SshKeyPair> RsaPair = new(
        () => SshKeyPair.Generate(new(SshKeyAlgorithm.Rsa, 2048, "public", "deploy@acme.example"), new SeededRandom(1)));

    [Fact]
    public void The_public_key_is_one_line_of_kind_base64_and_comment()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519, comment: "deploy@acme.example");

        pair.Public.RevealText().Should().MatchRegex("^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43} deploy@acme.example$");
    }

    [Fact]
    public void A_public_key_without_comment_ends_with_its_base64()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519, comment: "");

        pair.Public.RevealText().Should().MatchRegex("^ssh-ed25519 [A-Za-z0-9+/]+$");
    }

    [Fact]
    public void The_private_key_is_openssh_pem_with_lines_of_seventy_and_a_line_feed_at_the_end()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519);
        var lines = pair.Private.RevealText().Split('\n');

        (lines[0], lines[^2], lines[^1], lines[1..^3].All(l => l.Length == 70))
            .Should().Be(("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----", "", true));
    }

    [Fact]
    public void An_ed25519_private_key_holds_the_seed_and_the_public_key()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519);
        var section = PrivateSection(pair);

        (section[0] == section[1],
            Encoding.ASCII.GetString(section.Fields[0]), section.Fields[2].AsSpan(32).SequenceEqual(section.Fields[1]),
            Encoding.ASCII.GetString(section.Fields[3]))
            .Should().Be((true, "ssh-ed25519", true, "c"));
    }

    [Fact]
    public void An_ed25519_seed_is_the_random_sources_first_bytes()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519, seed: 7);
        var seed = new byte[32];
        new SeededRandom(7).Fill(seed);

        PrivateSection(pair).Fields[2][..32].Should().Equal(seed);
    }

    [Fact]
    public void An_rsa_key_has_the_asked_size_and_parts_that_fit_together()
    {
        var parts = PrivateSection(RsaPair.Value).Fields
            .Skip(1)
            .Take(6)
            .Select(f => new BigInteger(f, isUnsigned: false, isBigEndian: true))
            .ToArray();
        var (n, e, d, inverse, p, q) = (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);

        (n.GetBitLength(), p * q == n, inverse * q % p == 1, BigInteger.ModPow(BigInteger.ModPow(12345, e, n), d, n) == 12345)
            .Should().Be((2048L, true, true, true));
    }

    [Fact]
    public void The_padding_counts_up_to_a_whole_block()
    {
        using var pair = Pair(SshKeyAlgorithm.Ed25519);
        var section = PrivateSection(pair);

        (section.Padding.Select((b, i) => b == i + 1).All(x => x), section.Length % 8).Should().Be((true, 0));
    }

    [Fact]
    public async Task OpenSSH_reads_ed25519_keys_and_derives_the_same_public_keys()
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            using var pair = Pair(SshKeyAlgorithm.Ed25519, "deploy@acme.example", seed);

            (await DeriveAsync(pair.Private.RevealText())).Should().Be(pair.Public.RevealText());
        }
    }

    [Fact]
    public async Task OpenSSH_reads_rsa_keys_and_derives_the_same_public_key() =>
        (await DeriveAsync(RsaPair.Value.Private.RevealText())).Should().Be(RsaPair.Value.Public.RevealText());

    private static SshKeyPair Pair(SshKeyAlgorithm algorithm, string comment = "c", ulong seed = 1) =>
        SshKeyPair.Generate(new(algorithm, 2048, "public", comment), new SeededRandom(seed));

    private static async Task<string> DeriveAsync(string privateKey)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "key");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            // OpenSSH refuses a private key that others may read.
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var stream = new FileStream(file, options))
                await stream.WriteAsync(Encoding.ASCII.GetBytes(privateKey), TestContext.Current.CancellationToken);
            using var process = Start(file);
            var line = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return line.TrimEnd('\n');
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static Process Start(string file)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo("ssh-keygen", ["-y", "-f", file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("ssh-keygen is not installed here, so that OpenSSH could not judge the key.");
            throw;
        }
    }

    private static Section PrivateSection(SshKeyPair pair)
    {
        var lines = pair.Private.RevealText().Split('\n');
        var whole = Convert.FromBase64String(string.Concat(lines[1..^2]));
        var rest = whole.AsSpan("openssh-key-v1\0".Length);
        for (var i = 0; i < 3; i++)
            Next(ref rest);
        rest = rest[4..];
        Next(ref rest);
        return new(Next(ref rest));
    }

    private static byte[] Next(ref Span<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        var field = rest.Slice(4, length).ToArray();
        rest = rest[(4 + length)..];
        return field;
    }

    /// <summary>The private part of a key file: two equal numbers, the fields, the padding.</summary>
    private sealed class Section
    {
        private readonly uint[] _checks;

        public Section(byte[] bytes)
        {
            Length = bytes.Length;
            _checks = [BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4))];
            var rest = bytes.AsSpan(8);
            while (rest.Length >= 8)
                Fields.Add(Next(ref rest));
            while (rest.Length > 0 && rest[0] != 1)
                Fields.Add(Next(ref rest));
            Padding = rest.ToArray();
        }

        public List<byte[]> Fields { get; } = [];

        public int Length { get; }

        public byte[] Padding { get; }

        public uint this[int check] => _checks[check];
    }
}
