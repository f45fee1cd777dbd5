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
            var empty = true;
            foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(word => Pieces(word, width - indentation.Length)))
            {
                if (!empty && folded.Length + 1 + word.Length > width)
                {
                    yield return folded.ToString();
                    folded.Clear().Append(indentation);
                    empty = true;
                }

                folded.Append(empty ? "" : " ").Append(word);
                empty = false;
            }

            yield return empty ? "" : folded.ToString();
        }
    }

    private static IEnumerable<string> Pieces(string word, int width) => word.Chunk(width).Select(piece => new string(piece));
}
