using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

public sealed class EvidenceNameTests
{
    private static readonly Instant At = Instant.FromUtc(2026, 11, 24, 1, 30);

    [Fact]
    public void A_file_is_named_after_its_run_s_time_command_and_identity()
    {
        var name = EvidenceName.Of(At, "rotate", new("1f0c2d3e-0000-8000-8000-000000000001"));

        name.Should().Be("20261124T013000Z-rotate-1f0c2d3e.jsonl").And.StartWith(EvidenceName.Beginning(At));
        EvidenceName.TimeOf(name).Should().Be(At);
    }

    [Theory]
    [InlineData("20261124T013000Z")]
    [InlineData("20261124T013000Z.jsonl")]
    [InlineData("20261324T013000Z-rotate-1f0c2d3e.jsonl")]
    [InlineData("notes.txt")]
    public void Any_other_name_has_no_time(string name) => EvidenceName.TimeOf(name).Should().BeNull();
}
