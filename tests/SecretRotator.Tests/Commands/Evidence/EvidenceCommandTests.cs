using System.Security.Cryptography;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Tests.Evidence;

namespace SecretRotator.Tests.Commands;

/// <summary><c>evidence verify</c> and <c>evidence show</c> over files, without inventory or network.</summary>
public sealed class EvidenceCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();
    private readonly ECDsa _pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public EvidenceCommandTests() => File.Delete(_run.InventoryPath);

    [Fact]
    public async Task A_whole_file_answers_0()
    {
        var file = await WriteAsync();

        (await _run.RunAsync("evidence", "verify", file)).Should().Be(0);

        _run.Out.Should().Contain("Whole: ").And.Contain("1 file: 1 whole.").And.Contain("names no run before it");
        _run.Error.Should().BeEmpty();
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_was_cut_answers_3_and_the_last_good_record_is_named()
    {
        var file = await WriteAsync();
        File.WriteAllText(file, string.Concat((await RealRun.LinesAsync())[..7].Select(line => line + "\n")) + "{\"at\":");

        (await _run.RunAsync("evidence", "verify", file)).Should().Be(3);

        _run.Out.ReplaceLineEndings(" ").Should().Contain("INCOMPLETE: cut short after record 7, in the middle of the next one");
    }

    [Fact]
    public async Task A_changed_file_answers_5_and_the_first_bad_record_is_named()
    {
        var file = await BreakAsync(await WriteAsync());

        (await _run.RunAsync("evidence", "verify", file)).Should().Be(5);

        _run.Out.Should().Contain("BROKEN at record 4 (line 4, byte ").And.Contain("changed.");
    }

    [Fact]
    public async Task The_worst_one_wins()
    {
        await BreakAsync(await WriteAsync("20261124T010000Z-rotate-a.jsonl"));
        File.WriteAllText(_run.PathOf("evidence/20261124T020000Z-rotate-b.jsonl"), "");

        (await _run.RunAsync("evidence", "verify", _run.PathOf("evidence"))).Should().Be(5);
        _run.Out.Should().Contain("2 files: 1 broken, 1 incomplete.");
    }

    [Fact]
    public async Task A_missing_run_answers_5()
    {
        await WriteAsync("20261124T010000Z-rotate-a.jsonl", "00000000-0000-8000-8000-00000000000a", null);
        var gone = await WriteAsync(
            "20261124T020000Z-rotate-b.jsonl", "00000000-0000-8000-8000-00000000000b", "20261124T010000Z-rotate-a.jsonl");
        await WriteAsync("20261124T030000Z-rotate-c.jsonl", "00000000-0000-8000-8000-00000000000c", "20261124T020000Z-rotate-b.jsonl");
        (await _run.RunAsync("evidence", "verify", _run.PathOf("evidence"), "--from-start")).Should().Be(0);

        File.Delete(gone);

        (await _run.RunAsync("evidence", "verify", _run.PathOf("evidence"))).Should().Be(5);
        _run.Out.ReplaceLineEndings(" ")
            .Should().Contain("MISSING:").And
            .Contain("00000000-0000-8000-8000-00000000000b").And
            .Contain("1 break in the chain of runs.");
    }

    [Fact]
    public async Task With_a_public_key_a_good_signature_answers_0_and_any_other_5()
    {
        var file = await WriteAsync(signs: true);
        var key = PublicKey(_pair);
        (await _run.RunAsync("evidence", "verify", file, "--public-key", key)).Should().Be(0);
        _run.Out.Should().Contain("The signature is good.");

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await _run.RunAsync("evidence", "verify", file, "--public-key", PublicKey(other))).Should().Be(5);
        _run.Out.Should().Contain("BAD SIGNATURE.");

        File.Delete(Path.ChangeExtension(file, null) + ".dsse.json");
        (await _run.RunAsync("evidence", "verify", file, "--public-key", PublicKey(_pair))).Should().Be(5);
        _run.Out.Should().Contain("NOT SIGNED");
    }

    [Fact]
    public async Task A_run_that_was_cut_short_needs_no_signature_but_a_cut_file_does_not_keep_one()
    {
        var file = await WriteAsync(signs: true);
        File.WriteAllLines(file, (await RealRun.LinesAsync())[..^1]);
        (await _run.RunAsync("evidence", "verify", file, "--public-key", PublicKey(_pair))).Should().Be(5);

        File.Delete(Path.ChangeExtension(file, null) + ".dsse.json");
        (await _run.RunAsync("evidence", "verify", file, "--public-key", PublicKey(_pair))).Should().Be(3);
    }

    [Theory]
    [InlineData("evidence verify nowhere.jsonl", "nowhere.jsonl: There is no such file.")]
    [InlineData("evidence show nowhere.jsonl", "nowhere.jsonl: There is no such file.")]
    [InlineData("evidence verify .", "There is no evidence in this directory.")]
    [InlineData("evidence verify", "Required argument 'FILE|DIR' missing")]
    [InlineData("evidence", "Required command was not provided.")]
    [InlineData("evidence verfy x", "Did you mean verify?")]
    [InlineData("evidence verify x --form-start", "Did you mean --from-start?")]
    public async Task A_mistake_answers_2_and_is_named(string arguments, string said)
    {
        var folder = Directory.CreateDirectory(_run.PathOf("empty")).FullName;

        (await _run.RunAsync([.. arguments.Split(' ').Select(argument => argument == "." ? folder : argument)])).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Should().Contain(said);
    }

    [Theory]
    [InlineData("worthless")]
    [InlineData("private")]
    [InlineData("p384")]
    public async Task What_is_no_public_key_answers_2(string what)
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var path = _run.PathOf("key.pem");
        File.WriteAllText(
            path, what switch { "private" => _pair.ExportPkcs8PrivateKeyPem(), "p384" => p384.ExportSubjectPublicKeyInfoPem(), _ => what });

        (await _run.RunAsync("evidence", "verify", await WriteAsync(), "--public-key", path)).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Should().Contain("It is no public key on the curve P-256").And.NotContain("BEGIN");
    }

    [Fact]
    public async Task Its_json_names_files_chain_and_signature()
    {
        var file = await BreakAsync(await WriteAsync(signs: true));

        (await _run.RunAsync("evidence", "verify", file, "--output", "json")).Should().Be(5);

        var told = _run.Json.GetProperty("files")[0];
        _run.Json.GetProperty("exitCode").GetInt32().Should().Be(5);
        told.GetProperty("verdict").GetString().Should().Be("broken");
        told.GetProperty("firstBad").GetProperty("record").GetInt32().Should().Be(4);
        told.GetProperty("firstBad").GetProperty("flaw").GetString().Should().Be("changed");
        told.GetProperty("signature").GetString().Should().Be("not-checked");
        _run.Json.GetProperty("chain")[0].GetProperty("finding").GetString().Should().Be("no-run-before-named");
    }

    [Fact]
    public async Task A_story_tells_what_was_decided_done_and_undone()
    {
        (await _run.RunAsync("evidence", "show", await WriteAsync())).Should().Be(0);

        _run.Out.Should().Contain("db: rotated").And.Contain("api: rolled back").And.Contain("fresh: not due").And.Contain("jo@laptop").And
            .Contain("with exit code 4")
            .And.Contain("distribute").And.Contain("failed: workspace:API: ").And
            .Contain("3 secrets: 1 rotated, 1 rolled back, 1 not due.");
        _run.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
    }

    [Fact]
    public async Task A_broken_file_s_story_says_so_first_and_ends_before_the_break()
    {
        (await _run.RunAsync("evidence", "show", await BreakAsync(await WriteAsync()))).Should().Be(5);

        _run.Terminal.OutLines[1].Should().StartWith("BROKEN at record 4");
        _run.Out.Should().Contain("Only the records before it follow.").And.Contain("db: not told").And.NotContain("rolled back");
    }

    [Fact]
    public async Task A_story_s_json_has_what_its_text_has()
    {
        (await _run.RunAsync("evidence", "show", await WriteAsync(), "--output", "json")).Should().Be(0);

        var run = _run.Json.GetProperty("runs")[0];
        run.GetProperty("by").GetString().Should().Be("jo@laptop");
        var secrets = run.GetProperty("secrets").EnumerateArray().ToArray();
        secrets.Select(secret => secret.GetProperty("outcome").GetString()).Should().Equal("rotated", "rolled-back", "untouched");
        secrets[0].GetProperty("steps")[0].GetProperty("step").GetString().Should().Be("claim");
        secrets[1].GetProperty("cause").GetString().Should().Contain("refused");
        secrets[2].GetProperty("because").GetProperty("decision").GetString().Should().Be("not-due");
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("show")]
    public async Task Text_from_a_file_can_not_move_the_cursor(string command)
    {
        var path = _run.PathOf("hostile.jsonl");
        using (var file = EvidenceFile.Create(Path.GetDirectoryName(path)!, Path.GetFileName(path)))
        {
            file.Append(
                new EvidenceRecord.RunStarted(
                    Models.ModelCloud.Start, "rotate\u001b[2J", "\u202e", new Holder.Process("00000000000000aa", 1, 1, "x\u001b"), "\u0007")
                { By = "\u001b[31mme" });
            file.Append(
                new EvidenceRecord.Ended(
                    Models.ModelCloud.Start, "db\u001b[1A", null,
                    new SecretRotator.Rotation.RotationOutcome.NeedsOperator(
                        new(FailureKind.Other, "\u001b]0;x\u0007"), ["\r\n\u001b[2J"])));
        }

        await _run.RunAsync("evidence", command, path);
        _run.Out.Where(char.IsControl).Should().OnlyContain(c => c == '\n');
        await _run.RunAsync("evidence", command, path, "--output", "json");
        _run.Out.Where(char.IsControl).Should().OnlyContain(c => c == '\n');
    }

    [Theory]
    [InlineData("evidence --help", "secret-rotator evidence verify evidence")]
    [InlineData("evidence verify --help", "--from-start")]
    [InlineData("evidence show --help", "secret-rotator evidence show evidence/")]
    public async Task Help_shows_examples(string arguments, string said)
    {
        (await _run.RunAsync([.. arguments.Split(' '), "--inventory", "x"])).Should().Be(0);

        _run.Out.Should().Contain(said).And.Contain("Examples:");
    }

    public void Dispose()
    {
        _pair.Dispose();
        _run.Dispose();
    }

    private string PublicKey(ECDsa key)
    {
        File.WriteAllText(_run.PathOf("signing-key.pub"), key.ExportSubjectPublicKeyInfoPem());
        return _run.PathOf("signing-key.pub");
    }

    private async Task<string> WriteAsync(
        string name = "20261124T010002Z-rotate-f9980744.jsonl", string run = "f9980744-0000-8000-8000-000000000000", string? after = null,
        bool signs = false)
    {
        PreviousRun? before = null;
        if (after is not null)
        {
            using var earlier = File.OpenRead(_run.PathOf("evidence/" + after));
            before = EvidenceReader.Ends(earlier)?.Head;
        }

        using var file = EvidenceFile.Create(_run.PathOf("evidence"), name);
        await RealRun.WriteAsync(file, new RunId(run), before);
        if (!signs)
            return file.Path;
        using var pem = SecretValue.FromText(_pair.ExportPkcs8PrivateKeyPem());
        using var key = SigningKey.Read(pem, "a test");
        using var written = File.OpenRead(file.Path);
        var endedAt = EvidenceCheck.Of(name, written).Story!.EndedAt!.Value;
        EvidenceFile.WriteBeside(
            EvidenceEnvelope.PathOf(file.Path),
            EvidenceEnvelope.Make(key, new SignedFacts(name, file.Content, new(run), file.Records, file.Head, 4, endedAt)));
        return file.Path;
    }

    private static async Task<string> BreakAsync(string path)
    {
        var lines = await File.ReadAllLinesAsync(path);
        lines[3] = lines[3].Replace("2026", "2025", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(path, lines);
        return path;
    }
}
