using CsCheck;
using SecretRotator.Reliability.Fuzzing;

namespace SecretRotator.Tests.Doctor;

/// <summary>Files of others, damaged in some places: they are read or refused, and nothing else happens.</summary>
public sealed class HostileFileTests
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "&a ",
            "*a",
            "<<: ",
            "*sdk",
            "- ",
            ": ",
            "\n",
            "\n\n  ",
            "'",
            "\"",
            "|",
            ">",
            "$(",
            ")",
            "`",
            "\\",
            "#",
            "{",
            "}",
            "[",
            "]",
            "\t",
            "<<END",
            "::",
            "/0",
            "\u0000",
            "\u202e",
            "\ud83d\ude00",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff],
    ];

    [Theory]
    [InlineData("pipeline-file")]
    [InlineData("address-ranges")]
    public void Damage_breaks_no_promise(string name)
    {
        var target = FuzzTargets.All.Single(each => each.Name == name);
        var seed = Encoding.UTF8.GetBytes(target.Seeds[0]);
        target.Try(seed).Should().BeTrue();

        Gen.Select(Gen.Int[0, seed.Length], Gen.Int[0, 12], Gen.Int[0, Pieces.Length - 1]).Array[1, 8].Sample(
            damages =>
            {
                IEnumerable<byte> bytes = seed;
                foreach (var (at, length, piece) in damages)
                    bytes = bytes.Take(at).Concat(Pieces[piece]).Concat(bytes.Skip(at + length)).ToArray();
                target.Try([.. bytes]);
            },
            iter: 2000);
    }
}
