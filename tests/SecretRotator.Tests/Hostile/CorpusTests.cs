using SecretRotator.Reliability.Fuzzing;

namespace SecretRotator.Tests.Hostile;

/// <summary>What the fuzzer begins with, and what it found, stays understood or refused.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_well_formed_input_is_taken(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);

        FuzzRun.Bounded(target, Encoding.UTF8.GetBytes(target.Seeds[0])).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_that_is_kept_keeps_the_promises(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);

        foreach (var input in Corpus.Read(target, directory: null))
            target.Invoking(t => FuzzRun.Bounded(t, input)).Should().NotThrow(Corpus.Shown(input));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_well_formed_input_that_is_cut_anywhere_keeps_the_promises(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var whole = Encoding.UTF8.GetBytes(target.Seeds[0]);

        for (var length = 0; length < whole.Length; length += Effort.Stride)
            target.Invoking(t => FuzzRun.Bounded(t, whole[..length])).Should().NotThrow("of {0} bytes", length);
    }
}
