using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>One command line of a script, with continued lines joined and comments left out.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Skeleton">
/// As long as <see cref="Text"/>, with quoted texts filled in, so that what is only talked about isn't taken for what is done.
/// Substitutions,
/// variables in double quotes and the argument of <c>-c</c> are kept: they are done.
/// </param>
/// <param name="Offsets">For each character its offset in the script's text.</param>
/// <param name="Place">Where an offset of the script's text is in the file.</param>
internal sealed record ScriptCommand(string Text, string Skeleton, int[] Offsets, Func<int, Position> Place)
{
    /// <summary>The here-documents that it reads.</summary>
    public ImmutableArray<HereDocument> Documents { get; init; } = [];

    /// <summary>Where a character is in the file.</summary>
    public Position At(int index) => Place(Offsets[Math.Min(index, Offsets.Length - 1)]);
}
