using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Tests.Evidence;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.EvidenceStorage;

/// <summary>The signature over closed evidence: what the program makes, the program and openssl take, and nothing else.</summary>
public sealed partial class SignatureTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");
    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public async Task The_signature_of_an_unharmed_file_is_good()
    {
        var (file, envelope) = await SignedAsync();

        EvidenceEnvelope.Fault(envelope, _pair, Check(file)).Should().BeNull();
    }

    [Fact]
    public async Task Another_key_is_refused()
    {
        var (file, envelope) = await SignedAsync();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        EvidenceEnvelope.Fault(envelope, other, Check(file)).Should().Be("It was not made with this key, or what it signs was changed.");
    }

    [Fact]
    public async Task No_byte_of_an_envelope_but_the_key_s_name_can_be_changed()
    {
        var (file, envelope) = await SignedAsync();
        var check = Check(file);
        var text = Encoding.UTF8.GetString(envelope);
        var keyid = text.IndexOf("\"keyid\"", StringComparison.Ordinal);
        var unsigned = Enumerable.Range(keyid, text.IndexOf("\"sig\"", StringComparison.Ordinal) - keyid).ToHashSet();
        for (var at = 0; at < envelope.Length; at++)
        {
            if (unsigned.Contains(at))
                continue;
            var changed = envelope.ToArray();
            changed[at] ^= 1;
            // The last digit of base64 holds bits that mean nothing.
            if (!SameMeaning(changed, envelope))
                EvidenceEnvelope.Fault(changed, _pair, check).Should().NotBeNull($"byte {at} was flipped");
        }
    }

    [Fact]
    public async Task The_signature_of_another_run_is_refused()
    {
        var (file, envelope) = await SignedAsync();
        var moved = Path.Combine(_directory.FullName, "another-name.jsonl");
        File.Copy(file, moved);

        EvidenceEnvelope.Fault(envelope, _pair, Check(moved)).Should().StartWith("It signs another file");
    }

    [Fact]
    public async Task A_file_that_was_cut_after_it_was_signed_is_refused()
    {
        var (file, envelope) = await SignedAsync();
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(file, lines[..^1], TestContext.Current.CancellationToken);

        EvidenceEnvelope.Fault(envelope, _pair, Check(file)).Should().StartWith("It signs another file, or this one was changed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"payloadType":1,"payload":"","signatures":[]}""")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":"%","signatures":[]}""")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]}""")]
    [InlineData("""{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[{"sig":"AA=="}]}""")]
    [InlineData("""{"payloadType":"text/plain","payload":"","signatures":[]}""")]
    public async Task What_is_no_envelope_is_refused_without_an_exception(string envelope) =>
        EvidenceEnvelope.Fault(Encoding.UTF8.GetBytes(envelope), _pair, RealRun.Check(await RealRun.BytesAsync())).Should().NotBeNull();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_is_read_in_both_of_its_forms(bool pkcs8)
    {
        using var key = Read(pkcs8 ? _pair.ExportPkcs8PrivateKeyPem() : _pair.ExportECPrivateKeyPem());

        key.Id.Should().Be(Convert.ToHexStringLower(SHA256.HashData(_pair.ExportSubjectPublicKeyInfo())));
    }

    [Fact]
    public void A_key_on_one_line_is_read_too()
    {
        using var key = Read(_pair.ExportPkcs8PrivateKeyPem().Replace('\n', ' '));

        key.Id.Should().NotBeEmpty();
    }

    public static TheoryData<string> NoKeys
    {
        get
        {
            using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            using var rsa = RSA.Create(2048);
            using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return
            [
                "", "worthless-text-77ab", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", p384.ExportPkcs8PrivateKeyPem(),
                rsa.ExportPkcs8PrivateKeyPem(), p256.ExportSubjectPublicKeyInfoPem(),
                p256.ExportEncryptedPkcs8PrivateKeyPem(
                    "pass", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)),
                    p256.ExportPkcs8PrivateKeyPem() + p384.ExportPkcs8PrivateKeyPem(),
            ];
        }
    }

    [Theory]
    [MemberData(nameof(NoKeys), DisableDiscoveryEnumeration = true)]
    public void What_is_no_private_key_on_P_256_is_refused_without_repeating_it(string pem)
    {
        var refused = FluentActions.Invoking(() => Read(pem)).Should().Throw<UsageException>().Which;

        refused.Message.Should().Contain("a place");
        pem.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Length > 8)
            .Should().NotContain(line => refused.Message.Contains(line, StringComparison.Ordinal));
        refused.Problems[0].Hint.Should().Contain("openssl genpkey");
    }

    [Fact]
    public async Task The_documented_commands_accept_what_is_right_and_refuse_the_rest()
    {
        await SkipWithoutOpensslAsync();
        var blocks = Commands();
        (await ShellAsync(blocks.Single(block => block.Contains("genpkey", StringComparison.Ordinal)))).ExitCode.Should().Be(0);
        var (file, _) = await SignedAsync(await File.ReadAllTextAsync(At("signing-key.pem"), TestContext.Current.CancellationToken));
        var verify = blocks.Single(block => block.Contains("dgst", StringComparison.Ordinal));
        var compare = verify + blocks.Single(block => block.Contains("--check", StringComparison.Ordinal));

        (await ShellAsync(verify)).Out.Trim().Should().Be("Verified OK");
        (await ShellAsync(compare)).Should()
            .Match<(int ExitCode, string Out)>(ended => ended.ExitCode == 0 && ended.Out.Contains("f9980744.jsonl: OK"));

        var envelope = await File.ReadAllTextAsync(At(RealRun.Name + ".dsse.json"), TestContext.Current.CancellationToken);
        var root = JsonNode.Parse(envelope)!;
        var statement = Encoding.UTF8.GetString(Convert.FromBase64String(root["payload"]!.GetValue<string>()))
            .Replace("\"exitCode\":4", "\"exitCode\":0", StringComparison.Ordinal);
        root["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(statement));
        await File.WriteAllTextAsync(
            At(RealRun.Name + ".dsse.json"),
            root.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
            TestContext.Current.CancellationToken);
        (await ShellAsync(verify)).Should().Match<(int ExitCode, string Out)>(
                ended => ended.ExitCode != 0 && !ended.Out.Contains("Verified OK"), "the payload was changed");

        await File.WriteAllTextAsync(At(RealRun.Name + ".dsse.json"), envelope, TestContext.Current.CancellationToken);
        (await ShellAsync(verify)).ExitCode.Should().Be(0);
        await File.AppendAllTextAsync(file, "{}\n", TestContext.Current.CancellationToken);
        (await ShellAsync(compare)).ExitCode.Should().NotBe(0, "the file was changed");

        await File.WriteAllTextAsync(At("signing-key.pub"), _pair.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        (await ShellAsync(verify)).ExitCode.Should().NotBe(0, "the key is another one");
    }

    [Fact]
    public async Task The_documented_commands_show_the_chain_and_the_seal()
    {
        await SkipWithoutOpensslAsync();
        var (file, _) = await SignedAsync();
        var blocks = Commands();
        var chain = (await ShellAsync(blocks.Single(block => block.Contains("IFS=", StringComparison.Ordinal)))).Out
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var lines = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Length;

        chain[..(lines - 1)].Should().Equal(chain[(lines + 1)..].Select(previous => previous.Split('"')[3]));
        (await ShellAsync(blocks.Single(block => block.Contains("tail -n 1", StringComparison.Ordinal)))).Out[..64].Should().Be(
            JsonNode.Parse((await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[^1])!["seal"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _pair.Dispose();
        _directory.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_directory.FullName, name);

    private static SigningKey Read(string pem)
    {
        using var value = SecretValue.FromText(pem);
        return SigningKey.Read(value, "a place");
    }

    private static CheckedFile Check(string path)
    {
        using var file = File.OpenRead(path);
        return EvidenceCheck.Of(path, file);
    }

    private async Task<(string File, byte[] Envelope)> SignedAsync(string? pem = null)
    {
        using var key = Read(pem ?? _pair.ExportPkcs8PrivateKeyPem());
        using var file = EvidenceFile.Create(_directory.FullName, RealRun.Name + ".jsonl");
        var run = new RunId("f9980744-0000-8000-8000-000000000000");
        await RealRun.WriteAsync(file, run, null);
        var endedAt = Check(file.Path).Story!.EndedAt!.Value;
        var envelope = EvidenceEnvelope.Make(
            key, new SignedFacts(RealRun.Name + ".jsonl", file.Content, run, file.Records, file.Head, 4, endedAt));
        EvidenceFile.WriteBeside(EvidenceEnvelope.PathOf(file.Path), envelope);
        return (file.Path, envelope);
    }

    private static bool SameMeaning(byte[] one, byte[] other)
    {
        try
        {
            var (a, b) = (JsonNode.Parse(one)!, JsonNode.Parse(other)!);
            return Convert.FromBase64String(a["signatures"]![0]!["sig"]!.GetValue<string>()).AsSpan()
                .SequenceEqual(Convert.FromBase64String(b["signatures"]![0]!["sig"]!.GetValue<string>()))
                && Convert.FromBase64String(a["payload"]!.GetValue<string>()).AsSpan()
                    .SequenceEqual(Convert.FromBase64String(b["payload"]!.GetValue<string>()))
                && a["payloadType"]!.GetValue<string>() == b["payloadType"]!.GetValue<string>();
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static List<string> Commands() =>
        Block().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "evidence.md")))
            .Select(match => match.Groups["text"].Value).ToList();

    private async Task SkipWithoutOpensslAsync() =>
        Assert.SkipWhen(
            OperatingSystem.IsWindows() || (await ShellAsync("command -v openssl sed sha256sum")).ExitCode != 0,
            "openssl, sed and sha256sum are not installed.");

    private async Task<(int ExitCode, string Out)> ShellAsync(string script)
    {
        var start = new ProcessStartInfo(
            "sh", ["-c", script])
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await error;
        return (process.ExitCode, output);
    }

    [GeneratedRegex(
        "^```sh\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Block();
}
