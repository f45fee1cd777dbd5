namespace SecretRotator.Configuration;

/// <summary>Reads the name of a field, which is always one of the outermost object. A name that has a path's signs in it says so with
/// backslashes.</summary>
internal static class FieldName
{
    /// <summary>The name, without its backslashes; reports one that reads as a path into the object.</summary>
    public static PlacedText? Read(MappingReader mapping, Key key, ProblemList problems)
    {
        if (mapping.Text(key, ValueReader.LongestField) is not { } text)
            return null;
        var name = new StringBuilder();
        for (var i = 0; i < text.Value.Length; i++)
        {
            if (text.Value[i] == '\\' && i + 1 < text.Value.Length && IsSign(text.Value[i + 1]))
                i++;
            else if (IsPath(i, text.Value[i]))
                return Refuse(text, problems);
            name.Append(text.Value[i]);
        }

        return text with { Value = name.ToString() };
    }

    private static bool IsSign(char c) => c is '.' or '[' or '/' or '\\';

    // db.password, db[0], /db/password.
    private static bool IsPath(int at, char c) => c is '.' or '[' || (at == 0 && c == '/');

    private static PlacedText? Refuse(PlacedText text, ProblemList problems)
    {
        var literal = string.Concat(text.Value.Select((c, i) => IsPath(i, c) ? $"\\{c}" : $"{c}"));
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} reads as a path into the object, and only fields of the outermost object can be named",
            "Name such a field, or keep the value in a secret of its own. If that is the field's whole name, write "
                + $"'{Quoted.Printable(literal, 200)}'.");
        return null;
    }
}
