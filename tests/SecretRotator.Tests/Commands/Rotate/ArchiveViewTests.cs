using System.Text.Json.Nodes;
using SecretRotator.Commands;
using SecretRotator.EvidenceStorage;
using SecretRotator.Output;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class ArchiveViewTests
{
    private static readonly ArchiveOutcome Stored = new ArchiveOutcome.Stored(["s3://acme-evidence/run.jsonl"]);

    private static readonly ArchiveOutcome Missing = new ArchiveOutcome.Missing(
        new(FailureKind.AccessDenied,
            "S3 refused storing s3://acme-evidence/run.jsonl: AccessDenied.", "Allow s3:PutObject on arn:aws:s3:::acme-evidence/*."),
        ["/tmp/secret-rotator-x/run.jsonl"],
        ["aws s3api put-object --bucket acme-evidence"],
        KeptLocally: false);

    [Fact]
    public void What_is_stored_is_told_by_its_address() => Text(Stored).Should().Be("Evidence: s3://acme-evidence/run.jsonl\n");

    [Fact]
    public void What_is_missing_is_told_with_the_command_that_stores_it() =>
        Text(Missing).Should().Be(
            """
            The evidence is not in its archive. What was rotated stays rotated.
              Cause S3 refused storing s3://acme-evidence/run.jsonl: AccessDenied.
              Now   /tmp/secret-rotator-x/run.jsonl is on this machine only.
              Next  Allow s3:PutObject on arn:aws:s3:::acme-evidence/*. Then store it by
                    hand:
            aws s3api put-object --bucket acme-evidence

            """);

    [Fact]
    public void Machines_read_where_it_is() =>
        Json(Stored).Should().Be("""{"stored":true,"addresses":["s3://acme-evidence/run.jsonl"]}""");

    [Fact]
    public void Machines_read_what_is_missing() => Json(Missing).Should().Be(
        """{"stored":false,"cause":"S3 refused storing s3://acme-evidence/run.jsonl: AccessDenied.","hint":"Allow s3:PutObject on arn:aws:s3:::acme-evidence/*.","failure":{"kind":"access-denied"},"files":["/tmp/secret-rotator-x/run.jsonl"],"commands":["aws s3api put-object --bucket acme-evidence"]}""");

    private static string Text(ArchiveOutcome outcome) => TestTerminal.Written(terminal => ArchiveView.WriteText(terminal, outcome));

    private static string Json(ArchiveOutcome outcome) => JsonNode.Parse(TestTerminal.Written(terminal =>
        terminal.WriteJson(json => ResultContext.Write(json, new RunJson(Samples.Run with { Archived = outcome })))))!
        ["archive"]!.ToJsonString();
}
