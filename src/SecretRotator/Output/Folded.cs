using System.Text;

namespace SecretRotator.Output;

/// <summary>Folds running text at spaces, without a layout library: errors must be cheap to print.</summary>
internal static class Folded
{
    /// <summary>The lines of a text, none wider than <paramref name="width"/>; what is folded goes on <paramref name="hanging"/> columns further in.</summary>
    public static IEnumerable<string> Lines(string text, int width, int hanging = 0)
    {
        foreach (var line in text.Split('\n'))
        {
            var indentation = new string(' ', Math.Min(line.Length - line.TrimStart(' ').Length, width / 2));
            var folded = new StringBuilder(indentation);
            indentation += new string(' ', hanging);
            var (used, empty) = (folded.Length, true);
            foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(word => Pieces(word, width - indentation.Length)))
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

    private static IEnumerable<string> Pieces(string word, int width)
    {
        var (start, end, used) = (0, 0, 0);
        foreach (var rune in word.EnumerateRunes())
        {
            var more = CellWidth.Of(rune);
            if (used > 0 && used + more > width)
            {
                yield return word[start..end];
                (start, used) = (end, 0);
            }

            used += more;
            end += rune.Utf16SequenceLength;
        }

        yield return word[start..];
    }
}
