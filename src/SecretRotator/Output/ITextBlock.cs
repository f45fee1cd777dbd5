namespace SecretRotator.Output;

/// <summary>A part of a result for people, which lays itself out in the columns that there are.</summary>
internal interface ITextBlock
{
    /// <summary>Writes its lines, each to its end.</summary>
    void WriteTo(LineWriter lines);
}
