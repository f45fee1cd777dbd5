using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;
using static SecretRotator.Providers.Backends.DatabaseGrammar;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>Login roles of PostgreSQL.</summary>
internal sealed class PostgreSqlProvider : IBackendProvider
{
    // NAMEDATALEN is 64 with the zero at the end; the server cuts longer names off without an error
    // (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
    private const int LongestName = 63;
    private const int LongestPath = 500;

    private static readonly Key Server = new("server", "server: \"db.internal:5432\"", Required: true);
    private static readonly Key Database = new("database", "database: payments", Required: true);

    /// <inheritdoc />
    public KeyTable Keys { get; } = new(
        "a PostgreSQL backend", PostgreSqlDefinition.KindWord,
        Grammar.BackendKindKey, Server, Database, Ca, Admin, Users, UserField, Grammar.Overlap);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var server = mapping.Text(Server) is { } address ? ServerAddress.Read(address, PostgreSqlDefinition.UsualPort, problems) : null;
        var database = mapping.Text(Database) is { } name ? NameIn(name, problems) : null;
        var ca = mapping.Text(Ca, LongestPath)?.Value;
        var admin = mapping.Text(Admin, LongestPath) is { } reference
            ? ReferenceReader.Read(reference, Admin, "the credential that changes the roles", secret.Vaults, problems)
            : null;
        var users = UsersIn(mapping, problems);
        CheckMode(mapping, problems);
        var userField = FieldName.Read(mapping, UserField, problems)?.Value ?? "username";
        var password = PasswordFieldOf(mapping, secret.Value, userField, "role", problems);
        return problems.Count > known || server is null || database is null || password is null
            ? null
            : new PostgreSqlDefinition(server, database, users)
            {
                Ca = ca,
                AdminAt = admin,
                UserField = userField,
                PasswordField = password,
            };
    }

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var server = (PostgreSqlDefinition)secret.Backend!;
        return new PostgreSqlBackend(
            server,
            connections.NetworkOf(server.Ca),
            server.AdminAt is { } admin
                ? cancellation => connections.ReadAsync(admin, "The administrator's credential", cancellation)
                : null,
            cancellation => connections.ReadContentsAsync(secret, cancellation));
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        [new("PostgreSQL", settings.Routes.Of(((PostgreSqlDefinition)definition).Server).AsUri())];

    // Whatever can be printed is quoted where it is sent.
    private static string? NameIn(PlacedText text, ProblemList problems)
    {
        if (Encoding.UTF8.GetByteCount(text.Value) <= LongestName && !text.Value.Any(char.IsControl))
            return text.Value;
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} can't be a name of PostgreSQL",
            $"Write at most {LongestName} bytes of printable characters, as they are in the server.");
        return null;
    }

    private static ImmutableArray<string> UsersIn(MappingReader mapping, ProblemList problems)
    {
        if (!mapping.Has(Users))
            return [];
        var items = mapping.Items(Users);
        ImmutableArray<string> users =
        [
            .. items.Select(item => mapping.TextOf(item, Users)).OfType<PlacedText>()
                .Select(text => NameIn(text, problems)).OfType<string>(),
        ];
        if (items.Length != 2 || users.Distinct(StringComparer.Ordinal).Count() < users.Length)
            problems.Add(mapping.PlaceOf(Users), "\"users\" must name two roles, which take turns", $"Write \"{Users.Example}\".");
        return users;
    }

    private static void CheckMode(MappingReader mapping, ProblemList problems)
    {
        var none = false;
        if (mapping.Text(Grammar.Overlap) is { } overlap && !(none = overlap.Value == Grammar.None))
            problems.Add(overlap.At, $"{Quoted.Of(overlap.Value)} is not a way to overlap", $"Write \"{Grammar.Overlap.Example}\".");
        else if (none && (mapping.Has(Users) || mapping.Has(Admin)))
            problems.Add(
                mapping.PlaceOf(mapping.Has(Users) ? Users : Admin),
                "With \"overlap: none\" the role that the secret names changes its own password, without \"users\" and \"admin\"",
                "Delete \"overlap\": with two users the old password stays valid until its grace is over.");
        else if (!none && !(mapping.Has(Users) && mapping.Has(Admin)))
            problems.Add(
                mapping.At,
                mapping.Has(Users) ? "\"users\" need a credential that changes their passwords" : "The backend names no users",
                $"Add {(mapping.Has(Users) ? "" : $"\"{Users.Example}\" and ")}\"{Admin.Example}\". Where there can be only one role, "
                + "whose password changes under those who use it, write \"overlap: none\" alone.");
    }
}
