using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>What <c>rotation.yaml</c> may say of accounts of MySQL or MariaDB.</summary>
internal static class MySqlGrammar
{
    // MySQL: 32 characters (https://dev.mysql.com/doc/refman/8.4/en/user-names.html). MariaDB: 80, and 128 in later ones.
    private const int LongestUser = 80;

    private static readonly Key Server = new("server", "server: \"db.internal:3306\"", Required: true);
    private static readonly Key Ca = new("ca", "ca: certs/db-ca.pem");
    private static readonly Key Admin = new("admin", "admin: vault://prod/ci/payments-admin");
    private static readonly Key Users = new("users", "users: [payments_a, payments_b]");
    private static readonly Key Host = new("host", "host: \"%\"");
    private static readonly Key UserField = new("user-field", "user-field: username");

    /// <summary>The keys of such a backend.</summary>
    public static KeyTable KeysOf(bool isMariaDb) => new(
        isMariaDb ? "a MariaDB backend" : "a MySQL backend",
        isMariaDb ? MySqlDefinition.MariaDbWord : MySqlDefinition.MySqlWord,
        Grammar.BackendKindKey, Server, Ca, Admin, Users, Host, UserField, Grammar.Overlap);

    /// <summary>Reads a backend.</summary>
    public static MySqlDefinition? Read(bool isMariaDb, MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var server = mapping.Text(Server) is { } text ? ServerAddress.Read(text, MySqlDefinition.UsualPort, problems) : null;
        var ca = mapping.Text(Ca, maximum: 1_000)?.Value;
        var admin = mapping.Text(Admin, maximum: 700) is { } reference
            ? ReferenceReader.Read(reference, Admin, "the administrator's name and password", secret.Vaults, problems)
            : null;
        var users = UsersOf(mapping, problems);
        CheckMode(isMariaDb, mapping, problems);
        var host = mapping.Text(Host) is { } accountHost ? Fit(accountHost, 255, problems) : "%";
        var userField = FieldName.Read(mapping, UserField, problems)?.Value ?? "username";
        var field = PasswordFieldOf(mapping, secret.Value, problems);
        return problems.Count > known || server is null || field is null
            ? null
            : new MySqlDefinition(isMariaDb, server, users)
            {
                Ca = ca,
                AdminAt = admin,
                AccountHost = host!,
                UserField = userField,
                PasswordField = field,
            };
    }

    private static ImmutableArray<string> UsersOf(MappingReader mapping, ProblemList problems)
    {
        var users = mapping.Items(Users).Select(item => mapping.TextOf(item, Users)).OfType<PlacedText>()
            .Select(text => Fit(text, LongestUser, problems)).OfType<string>().ToImmutableArray();
        if (users.Length > 2 || users.Distinct(StringComparer.Ordinal).Count() < users.Length)
            problems.Add(
                mapping.PlaceOf(Users),
                "\"users\" must name two accounts that take turns, or one that has two passwords",
                $"Write \"{Users.Example}\".");
        return users;
    }

    // Whatever can be printed is quoted where it is sent.
    private static string? Fit(PlacedText text, int longest, ProblemList problems)
    {
        if (text.Value.Length <= longest && !text.Value.Any(char.IsControl))
            return text.Value;
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} can't be a part of an account's name",
            string.Create(CultureInfo.InvariantCulture, $"Write at most {longest} printable characters."));
        return null;
    }

    private static void CheckMode(bool isMariaDb, MappingReader mapping, ProblemList problems)
    {
        var none = false;
        if (mapping.Has(Grammar.Overlap) && mapping.Text(Grammar.Overlap) is { } overlap && !(none = overlap.Value == Grammar.None))
            problems.Add(overlap.At, $"{Quoted.Of(overlap.Value)} is not a way to overlap", $"Write \"{Grammar.Overlap.Example}\".");
        else if (mapping.Has(Users) && none)
            problems.Add(
                mapping.PlaceOf(Users),
                "With \"overlap: none\" the account is the one that the secret names, so there are no \"users\"",
                "Delete one of the two lines. With \"users\" the old password stays valid until its grace is over.");
        else if (!mapping.Has(Users) && !none)
            problems.Add(
                mapping.At,
                "The backend names no users",
                $"Add \"{Users.Example}\": two accounts take turns, or one has two passwords. Where there can be only one password, which "
                + "locks out what runs while it changes, write \"overlap: none\".");
        if (!mapping.Has(Admin) && (mapping.Has(Users) || !isMariaDb))
            problems.Add(
                mapping.At,
                mapping.Has(Users)
                    ? "\"users\" need an administrator who changes their passwords"
                    : "MySQL lets an account change its own password in plain text only, and then it is in the server's logs",
                $"Add \"{Admin.Example}\".");
    }

    // A value that can't be right at any backend is reported with the value.
    private static string? PasswordFieldOf(MappingReader mapping, ValuePolicy? value, ProblemList problems)
    {
        if (value is ValuePolicy.Json { Fields: [{ Generator: not ValueGenerator.SshKey, Field: var field }] })
            return field;
        if (value is ValuePolicy.Issued)
            return "";
        if (value is ValuePolicy.Plain or ValuePolicy.Json)
            problems.Add(
                mapping.At,
                "The secret must be a JSON object with the account's name in one field and one generated text, its password, in another",
                "Write \"value: { kind: password, field: password }\".");
        return null;
    }
}
