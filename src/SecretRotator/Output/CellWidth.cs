using System.Text;
using Spectre.Console.Rendering;

namespace SecretRotator.Output;

/// <summary>How many columns of a terminal a text takes: a Chinese character takes two.</summary>
internal static class CellWidth
{
    /// <summary>The columns of a text.</summary>
    public static int Of(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();

    /// <summary>The columns of a character.</summary>
    public static int Of(Rune rune) => rune.IsAscii ? 1 : Of(rune.ToString());
}
