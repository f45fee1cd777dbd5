using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;
using static SecretRotator.Providers.Backends.DatabaseGrammar;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>MySQL or MariaDB.</summary>
internal sealed class MySqlProvider(bool isMariaDb) : IBackendProvider
{
    // MySQL: 32 characters (https://dev.mysql.com/doc/refman/8.4/en/user-names.html). MariaDB: 80, and 128 in later ones.
    private const int LongestUser = 80;

    private static readonly Key Server = new("server", "server: \"db.internal:3306\"", Required: true);
    private static readonly Key Host = new("host", "host: \"%\"");

    /// <inheritdoc />
    public KeyTable Keys { get; } = new(
        isMariaDb ? "a MariaDB backend" : "a MySQL backend",
        isMariaDb ? MySqlDefinition.MariaDbWord : MySqlDefinition.MySqlWord,
        Grammar.BackendKindKey, Server, Ca, Admin, Users, Host, UserField, Grammar.Overlap);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var server = mapping.Text(Server) is { } text ? ServerAddress.Read(text, MySqlDefinition.UsualPort, problems) : null;
        var ca = mapping.Text(Ca, maximum: 1_000)?.Value;
        var admin = mapping.Text(Admin, maximum: 700) is { } reference
            ? ReferenceReader.Read(reference, Admin, "the administrator's name and password", secret.Vaults, problems)
            : null;
        var users = UsersOf(mapping, problems);
        CheckMode(mapping, problems);
        var host = mapping.Text(Host) is { } accountHost ? Fit(accountHost, 255, problems) : "%";
        var userField = FieldName.Read(mapping, UserField, problems)?.Value ?? "username";
        var field = PasswordFieldOf(mapping, secret.Value, userField: null, "account", problems);
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

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var server = (MySqlDefinition)secret.Backend!;
        return new MySqlBackend(
            server,
            connections.NetworkOf(server.Ca),
            server.Admin is { } admin
                ? cancellation => connections.ReadAsync(admin, "The administrator's credential", cancellation)
                : null,
            cancellation => connections.ReadContentsAsync(secret, cancellation));
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        [new(definition.Product, settings.Routes.Of(((MySqlDefinition)definition).Server).AsUri())];

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

    private void CheckMode(MappingReader mapping, ProblemList problems)
    {
        var none = false;
        if (mapping.Text(Grammar.Overlap) is { } overlap && !(none = overlap.Value == Grammar.None))
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
}
