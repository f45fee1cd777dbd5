using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Providers.Doctor;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Doctor;

/// <summary>Files with known faults: each is found at its place, and nothing else is.</summary>
public sealed class PipelineFileReviewTests
{
    private const string Head =
        "image: a:1@sha256:2222222222222222222222222222222222222222222222222222222222222222\noptions: { max-time: 9 }\n";

    [Fact]
    public void Images_have_to_be_pinned_by_digest() => Found("01-images.yml").Should().Equal(
        "image-latest 2:8 Fail", "image-tag 7:14 Warn", "image-latest 12:14 Fail", "image-latest 17:17 Fail", "image-digest 31:16 Fail",
        "static-cloud-key 40:13 Warn", "static-cloud-key 41:13 Warn");

    [Fact]
    public void Stored_cloud_keys_and_a_missing_token_are_told_and_keys_made_from_a_token_are_not() => Found("02-identity.yml").Should()
        .Equal(
        "static-cloud-key 10:22 Warn", "static-cloud-key 18:17 Warn", "oidc-missing 23:21 Fail",
        "static-cloud-key 36:57 Warn", "static-cloud-key 37:21 Warn", "oidc-missing 38:15 Warn");

    [Fact]
    public void Values_that_are_written_out_are_told_by_their_place() => Found("03-plaintext.yml").Should().Equal(
        "plaintext-secret 1:18 Fail", "plaintext-secret 11:25 Fail", "plaintext-secret 22:32 Fail", "plaintext-secret 23:34 Fail",
        "plaintext-secret 24:39 Fail", "plaintext-secret 27:24 Fail", "plaintext-secret 28:30 Fail", "plaintext-secret 31:32 Fail");

    [Fact]
    public void A_rotation_needs_an_environment_and_a_queue_and_no_push_to_start_it() => Found("04-rotation.yml").Should().Equal(
        "concurrency-missing 10:13 Warn", "environment-missing 10:13 Warn", "rotation-on-push 10:13 Warn", "max-time-missing 31:17 Warn");

    [Fact]
    public void Docker_daemons_sockets_and_privileges_are_told() => Found("05-docker.yml").Should().Equal(
        "docker-service 4:3 Warn", "docker-service 18:17 Warn", "privileged 21:33 Fail", "docker-socket 25:31 Fail",
        "docker-socket 26:36 Fail",
        "privileged 27:28 Fail");

    [Fact]
    public void A_download_that_is_run_at_once_is_told_in_every_form() => Found("06-downloads.yml").Should().Equal(
        "download-to-shell 9:13 Fail", "download-to-shell 10:13 Fail", "download-to-shell 11:20 Fail", "download-to-shell 12:22 Fail",
        "download-to-shell 13:21 Fail", "download-to-shell 16:13 Fail", "download-to-shell 20:13 Fail", "tls-unchecked 23:18 Fail",
        "tls-unchecked 24:33 Fail");

    [Fact]
    public void What_tells_the_log_too_much_is_told() => Found("07-logs.yml").Should().Equal(
        "shell-trace 10:15 Warn", "env-dump 11:15 Warn", "env-dump 12:15 Warn", "env-dump 13:15 Warn", "secret-printed 14:15 Fail",
        "secret-printed 15:15 Fail", "shell-trace 16:15 Warn", "env-dump 18:15 Warn");

    [Fact]
    public void A_structure_that_Bitbucket_refuses_or_ignores_is_told_by_its_place() => Found("08-structure.yml").Should().Equal(
        "unknown-key 2:1 Warn", "max-time-missing 7:9 Warn", "unknown-key 8:9 Warn", "unknown-key 9:9 Warn", "structure 12:7 Fail",
        "structure 15:9 Fail",
        "structure 17:17 Fail", "structure 24:15 Fail", "structure 25:15 Fail", "structure 26:11 Fail", "structure 29:11 Fail",
        "duplicate-key 33:11 Fail");

    [Fact]
    public void A_file_that_is_not_YAML_is_told_by_the_place_where_it_breaks() =>
        Found("09-broken.yml").Should().Equal("broken-yaml 5:16 Fail");

    [Fact]
    public void Pipes_defaults_and_machines_without_containers_are_told_apart() => Found("10-pipes.yml").Should().Equal(
        "tls-unchecked 2:3 Fail", "image-default 8:11 Fail", "max-time-missing 8:11 Warn", "pipe-unpinned 10:21 Fail",
        "pipe-unpinned 13:21 Fail",
        "pipe-unpinned 14:21 Warn", "image-tag 25:18 Warn", "static-cloud-key 29:17 Warn");

    [Fact]
    public void A_large_file_with_anchors_and_without_faults_is_left_alone() => Found("11-clean.yml").Should().BeEmpty();

    [Fact]
    public void Commands_that_name_secrets_and_take_them_from_variables_are_left_alone() =>
        Found("12-names-and-variables.yml").Should().BeEmpty();

    [Fact]
    public void Every_finding_says_why_it_matters_and_what_fixes_it()
    {
        foreach (var result in Directory.GetFiles(Folder)
            .SelectMany(file => PipelineFileReview.Read(file, File.ReadAllBytes(file)).Findings))
        {
            result.Should().Match<CheckResult>(r => r.Area == CheckArea.PipelineFile && r.Why != null && r.Fix != null && r.File != null);
            result.Observed.Should().EndWith(".").And.NotEndWith("..");
        }
    }

    [Fact]
    public void No_finding_repeats_a_value()
    {
        var told = string.Join(
            '\n', PipelineFileReview.Read("f", File.ReadAllBytes(Path.Combine(Folder, "03-plaintext.yml"))).Findings
                .Select(each => each.ToString()));

        foreach (var value in new[] { "AKIAQWERTY", "x9Kq2", "hunter2", "s3cret", "p4ssw0rd77", "4f9a0c", "sw0rdf1sh", "abc12345" })
            told.Should().NotContain(value);
    }

    [Theory]
    [InlineData("{ step: &s { script: [x], name: *s } }", "broken-yaml")]
    [InlineData("{ step: *nowhere }", "broken-yaml")]
    [InlineData("{ step: { <<: text, script: [x] } }", "structure")]
    [InlineData("{ step: { ? [a] : b, script: [x] } }", "structure")]
    [InlineData("text", "structure")]
    [InlineData("{ variables: text }", "structure")]
    [InlineData("{ step: text }", "structure")]
    [InlineData("{ step: { script: [x], image: [a] } }", "structure")]
    public void What_leads_nowhere_is_told(string item, string id) =>
        Review($"{Head}pipelines:\n  custom: {{ a: [ {item} ] }}").Should().ContainSingle().Which.Id.Should().Be(id);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("image: a:1@sha256:2222222222222222222222222222222222222222222222222222222222222222\n")]
    [InlineData("pipelines: [a]\n")]
    [InlineData("pipelines: { default: { } }\n---\na: b\n")]
    public void A_file_that_holds_no_pipelines_is_told(string text) =>
        Review(text).Should().ContainSingle().Which.Line.Should().BePositive();

    [Fact]
    public void A_file_that_only_lends_pipelines_has_none_of_its_own() =>
        Review(Head + "export: true\ndefinitions: { pipelines: { scan: [ { step: { script: [curl x | sh] } } ] } }\n").Should()
            .ContainSingle().Which.Id.Should().Be("download-to-shell");

    [Fact]
    public void Bytes_that_are_no_text_and_files_that_are_too_large_are_told()
    {
        PipelineFileReview.Read("f", [0x61, 0x3a, 0xff]).Findings.Should().ContainSingle().Which.Id.Should().Be("broken-yaml");
        PipelineFileReview.Read("f", new byte[AnchoredYaml.MaximumBytes + 1]).Findings
            .Should().ContainSingle().Which.Observed
            .Should().Contain("larger than 1 MiB");
    }

    [Fact]
    public void Aliases_of_aliases_don_t_blow_up()
    {
        var text = new StringBuilder(Head).Append("definitions:\n  a0: &a0 [ { step: { script: [x] } } ]\n");
        for (var i = 1; i < 30; i++)
            text.Append(CultureInfo.InvariantCulture, $"  a{i}: &a{i} [ {{ parallel: *a{i - 1} }}, {{ parallel: *a{i - 1} }} ]\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"  many: &many [ {string.Join(", ", Enumerable.Repeat("{ parallel: *a0 }", 3000))} ]\npipelines:\n  custom:\n    deep: *a29\n");
        for (var i = 0; i < 20; i++)
            text.Append(CultureInfo.InvariantCulture, $"    p{i}: *many\n");

        Review(text.ToString()).Should().Contain(each => each.Id == "structure" && each.Observed.Contains("more than 20,000 steps"));
    }

    [Fact]
    public void A_file_with_a_fault_on_every_line_tells_the_first_ones_and_counts_the_rest()
    {
        var text = Head + "pipelines:\n  default:\n    - step:\n        script:\n"
            + string.Concat(Enumerable.Range(0, 250).Select(i => $"          - curl x{i} | sh\n"));

        var findings = Review(text);

        findings.Should().HaveCount(201);
        findings[^1].Should().Match<CheckResult>(each => each.Id == "more-findings" && each.Observed == "There are 50 more findings.");
    }

    [Theory]
    [InlineData("curl https://a | tee x | bash -", true)]
    [InlineData("curl https://a | FOO=1 bash", true)]
    [InlineData("iex ((New-Object Net.WebClient).DownloadString('https://a'))", true)]
    [InlineData("irm https://a | iex", true)]
    [InlineData("source <(curl -s https://a)", true)]
    [InlineData("curl https://a | bash -c 'cat'", false)]
    [InlineData("curl https://a | python3 -c 'import json'", false)]
    [InlineData("curl https://a | shasum", false)]
    [InlineData("curl https://a > x; cat y | sh", false)]
    [InlineData("diff <(curl https://a) b", false)]
    public void A_download_is_run_at_once_or_is_not(string command, bool isRun) => Finds(command, "download-to-shell", isRun);

    [Theory]
    [InlineData("set -o xtrace; deploy $TOKEN", true)]
    [InlineData("set -e -x && deploy $TOKEN", true)]
    [InlineData("sh -ex ./deploy $TOKEN", true)]
    [InlineData("set -e; deploy --x $TOKEN", false)]
    [InlineData("set +x; deploy $TOKEN", false)]
    [InlineData("make -x; deploy $TOKEN", false)]
    public void A_script_is_traced_or_is_not(string command, bool isTraced) => Finds(command, "shell-trace", isTraced);

    [Theory]
    [InlineData("FOO=1 env", true)]
    [InlineData("if true; then env; fi", true)]
    [InlineData("x=$(env)", false)]
    [InlineData("set | sort", true)]
    [InlineData("gci env:", true)]
    [InlineData("docker compose run env", false)]
    [InlineData("set -e", false)]
    [InlineData("python -m venv env", false)]
    [InlineData("cd env && make", false)]
    [InlineData("env VAR=1", false)]
    public void The_environment_is_shown_or_is_not(string command, bool isShown) => Finds(command, "env-dump", isShown);

    [Theory]
    [InlineData("curl -o f -skL https://a", true)]
    [InlineData("wget -q --no-check-certificate https://a", true)]
    [InlineData("NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", true)]
    [InlineData("curl --key k.pem -o bulk https://a", false)]
    [InlineData("curl https://a && ls -k", false)]
    public void A_certificate_is_looked_at_or_is_not(string command, bool isUnchecked) => Finds(command, "tls-unchecked", isUnchecked);

    private static void Finds(string command, string id, bool finds)
    {
        var text = Head + "pipelines:\n  default:\n    - step:\n        script:\n          - |\n            true\n            " + command
            + "\n";

        var found = Review(text).Where(each => each.Id == id).ToList();

        if (finds)
            found.Should().ContainSingle().Which.Line.Should().Be(9);
        else
            found.Should().BeEmpty();
    }

    private static string Folder => Path.Combine(RepositoryFiles.Root, "tests", "SecretRotator.Tests", "Doctor", "PipelineFiles");

    private static ImmutableArray<CheckResult> Review(string text) => PipelineFileReview.Read("f", Encoding.UTF8.GetBytes(text)).Findings;

    private static IEnumerable<string> Found(string file) =>
        PipelineFileReview.Read(file, File.ReadAllBytes(Path.Combine(Folder, file))).Findings
            .Select(each => $"{each.Id} {each.Line}:{each.Column} {each.Status}");
}
