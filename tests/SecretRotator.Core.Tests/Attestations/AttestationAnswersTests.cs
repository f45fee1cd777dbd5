using SecretRotator.Attestations;

namespace SecretRotator.Tests.Attestations;

public sealed class AttestationAnswersTests
{
    private const string One = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Two = "2222222222222222222222222222222222222222222222222222222222222222";

    [Fact]
    public void An_answer_among_other_lines_is_read() =>
        AttestationAnswers.Read($"+ script\r\nsecret-rotator attestation 1 KEY {One}\r\nbye\n")
            .Of("KEY")
            .Should().Equal(Convert.FromHexString(One));

    [Fact]
    public void Two_answers_for_a_key_are_none() =>
        AttestationAnswers.Read($"secret-rotator attestation 1 KEY {One}\nsecret-rotator attestation 1 KEY {Two}\n")
            .Of("KEY")
            .Should().BeNull();

    [Theory]
    [InlineData($" secret-rotator attestation 1 KEY {One}")]
    [InlineData($"secret-rotator attestation 2 KEY {One}")]
    [InlineData($"secret-rotator attestation 1 KEY {One}1")]
    [InlineData("secret-rotator attestation 1 KEY 11")]
    [InlineData($"secret-rotator attestation 1 KEY $KEY{One}")]
    public void A_line_of_another_form_is_no_answer(string line) => AttestationAnswers.Read(line).Of("KEY").Should().BeNull();

    [Fact]
    public void A_key_that_the_step_does_not_answer_for_is_no_answer_and_told_apart()
    {
        var answers = AttestationAnswers.Read("secret-rotator attestation 1 KEY unlisted\n");

        answers.Of("KEY").Should().BeNull();
        answers.LackPermission("KEY").Should().BeTrue();
        answers.LackVariable("KEY").Should().BeFalse();
        answers.LackPermission("OTHER").Should().BeFalse();
    }

    [Fact]
    public void A_missing_variable_is_no_answer_and_told_apart()
    {
        var answers = AttestationAnswers.Read("secret-rotator attestation 1 KEY missing\n");

        answers.Of("KEY").Should().BeNull();
        answers.LackVariable("KEY").Should().BeTrue();
        answers.LackVariable("OTHER").Should().BeFalse();
    }
}
