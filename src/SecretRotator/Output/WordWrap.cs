namespace SecretRotator.Output;

/// <summary>Folds running text at spaces, without a layout library: errors must be cheap to print.</summary>
internal static class WordWrap
{
    /// <summary>
    /// The lines of a text, none wider than <paramref name="width"/>, except where a piece of <see cref="WholePieces"/> is; what is folded
    /// goes on <paramref name="hanging"/> columns further in.
    /// </summary>
    public static IEnumerable<string> Lines(string text, int width, int hanging = 0)
    {
        foreach (var line in text.Split('\n'))
        {
            var indentation = new string(' ', Math.Min(line.Length - line.TrimStart(' ').Length, width / 2));
            var folded = new StringBuilder(indentation);
            indentation += new string(' ', hanging);
            var (used, empty) = (folded.Length, true);
            foreach (var word in WholePieces.Of(line).SelectMany(piece => Pieces(piece, width - indentation.Length)))
            {
                var more = CellWidth.Of(word);
                if (!empty && used + 1 + more > width)
                {
                    yield return folded.ToString();
                    folded.Clear().Append(indentation);
                    (used, empty) = (indentation.Length, true);
                }

                folded.Append(empty ? "" : " ").Append(word);
                used += more + (empty ? 0 : 1);
                empty = false;
            }

            yield return empty ? "" : folded.ToString();
        }
    }

    /// <summary>How wide the widest piece is that can't be cut; 0 where there is none.</summary>
    public static int LeastWidth(string text)
    {
        var least = 0;
        foreach (var line in text.Split('\n'))
            foreach (var piece in WholePieces.Of(line))
                if (!WholePieces.MayBeCut(piece))
                    least = Math.Max(least, CellWidth.Of(piece));
        return least;
    }

    private static IEnumerable<string> Pieces(string piece, int width)
    {
        if (CellWidth.Of(piece) <= width || !WholePieces.MayBeCut(piece))
        {
            yield return piece;
            yield break;
        }

        var (start, end, used) = (0, 0, 0);
        foreach (var rune in piece.EnumerateRunes())
        {
            var more = CellWidth.Of(rune);
            if (used > 0 && used + more > width)
            {
                yield return piece[start..end];
                (start, used) = (end, 0);
            }

            used += more;
            end += rune.Utf16SequenceLength;
        }

        yield return piece[start..];
    }
}
