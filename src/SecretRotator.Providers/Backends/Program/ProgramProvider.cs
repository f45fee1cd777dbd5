using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>A program of the user's own that speaks to a system which accepts credentials. docs/backends.md describes how it is
/// spoken to.</summary>
internal sealed class ProgramProvider : IBackendProvider
{
    private const string UsePrograms = "backends:usePrograms";
    private const int MostArguments = 50;
    private const int LongestArgument = 1000;

    private static readonly Key Command = new("command", "command: [backends/sql-server, \"db.internal,1433\"]", Required: true);
    private static readonly Key Family = new("family", "family: issue");
    private static readonly Key Slots = new("slots", "slots: [payments_a, payments_b]");
    private static readonly Key IdentityField = new("identity-field", "identity-field: username", Required: true);
    private static readonly Key Admin = new("admin", "admin: vault://prod/ci/payments-admin");
    private static readonly Key TellsLastUse = new("tells-last-use", "tells-last-use: true");
    private static readonly Key Lag = new("lag", "lag: 1m");
    private static readonly Key Settles = new("settles", "settles: 5m");
    private static readonly Key TimeLimit = new("time-limit", "time-limit: 1m");

    private static readonly WordTable<BackendFamily> Families = new(
        "a family of backends", ("set", BackendFamily.Set), ("issue", BackendFamily.Issue));

    private static readonly WordTable<bool> Overlaps = new("an overlap", ("none", false));

    /// <inheritdoc />
    public KeyTable Keys { get; } = new(
        "a program backend", ProgramDefinition.KindWord, Grammar.BackendKindKey, Command, IdentityField, Family, Slots, Grammar.Overlap,
        Admin, TellsLastUse, Lag, Settles, TimeLimit, Grammar.DeleteAfter);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var family = mapping.Word(Family, Families, BackendFamily.Set);
        var overlaps = !mapping.Has(Grammar.Overlap) || mapping.Word(Grammar.Overlap, Overlaps).Meaning;
        var command = Arguments(mapping);
        var identity = FieldName.Read(mapping, IdentityField, problems)?.Value ?? "";
        var users = family == BackendFamily.Set ? Users(mapping, overlaps, problems) : [];
        var admin = mapping.Text(Admin, maximum: 700) is { } text
            ? ReferenceReader.Read(text, Admin, "what the program changes credentials with", secret.Vaults, problems)
            : null;
        var lastUse = mapping.Flag(TellsLastUse) == true;
        var lag = Time(mapping, Lag, Duration.Zero, problems);
        var settles = Time(mapping, Settles, Duration.FromMinutes(5), problems);
        var limit = Time(mapping, TimeLimit, Duration.FromMinutes(1), problems);
        if (family == BackendFamily.Issue && !overlaps)
            problems.Add(
                mapping.PlaceOf(Grammar.Overlap),
                "What issues credentials must take two at once: the new one is proven before the old one goes",
                "Delete the line.");
        if (family == BackendFamily.Issue && mapping.Has(Slots))
            problems.Add(
                mapping.PlaceOf(Slots),
                "What issues credentials names them itself: \"slots\" are identities that take turns",
                "Delete the line.");
        if (family == BackendFamily.Set && mapping.Has(Grammar.DeleteAfter))
            problems.Add(
                mapping.PlaceOf(Grammar.DeleteAfter),
                "Only what was issued is deleted: a credential that is set is disabled, and set again by a later rotation",
                "Delete the line.");
        CheckValue(mapping, identity, secret.Value, problems);
        return problems.Count > known
            ? null
            : new ProgramDefinition(
                command, identity, users, admin, limit, new BackendTraits(family, overlaps, lastUse, lag, settles));
    }

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys { get; } = [new(UsePrograms)];

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) =>
        new ProgramSettings(values.OneOf(UsePrograms, false, ("true", true), ("false", false)));

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (ProgramDefinition)secret.Backend!;
        return connections.Vaults.Settings.SettingsOf<ProgramSettings>().UsePrograms
            ? new ProgramBackend(secret.Name, definition, connections)
            : throw new UsageException(
                $"The program {definition.Place} isn't started: no program of the inventory is without a setting that allows it.",
                "Set backends.usePrograms to true where whoever can change the inventory may run programs here.");
    }

    /// <summary>Only the program knows which services it calls.</summary>
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) => [];

    private static ImmutableArray<string> Arguments(MappingReader mapping)
    {
        var items = mapping.Items(Command);
        return [.. items.Take(MostArguments).Select(item => mapping.TextOf(item, Command, LongestArgument)?.Value ?? "")];
    }

    private static ImmutableArray<string> Users(MappingReader mapping, bool overlaps, ProblemList problems)
    {
        if (!mapping.Has(Slots))
        {
            if (overlaps)
                problems.Add(
                    mapping.At,
                    "Two slots are needed, so that the old value stays good until every target has the new one",
                    $"Add \"{Slots.Example}\"; or \"overlap: none\", where the system takes only one and logins may fail meanwhile.");
            return [];
        }

        ImmutableArray<string> users = [.. mapping.Items(Slots).Select(item => mapping.TextOf(item, Slots)?.Value ?? "")];
        if (!overlaps)
            problems.Add(
                mapping.PlaceOf(Slots),
                "Without an overlap there is one slot, and the secret names it",
                "Delete \"slots\", or \"overlap: none\".");
        else if (!users.IsEmpty && (users.Length != 2 || users[0] == users[1]))
            problems.Add(
                mapping.PlaceOf(Slots),
                "\"slots\" must name two different identities, which take turns",
                $"Write for example \"{Slots.Example}\".");
        return users;
    }

    private static Duration Time(MappingReader mapping, Key key, Duration otherwise, ProblemList problems)
    {
        if (PeriodReader.Limit(mapping, key, problems) is not { } time)
            return otherwise;
        if (time > Duration.FromHours(1))
            problems.Add(mapping.PlaceOf(key), $"\"{key.Name}\" is longer than an hour, and a rotation would outlive its claim",
                $"Write for example \"{key.Example}\".");
        return time;
    }

    private static void CheckValue(MappingReader mapping, string identity, ValuePolicy? value, ProblemList problems)
    {
        if (value is ValuePolicy.Plain)
            problems.Add(
                mapping.At,
                "A program takes a JSON secret: one field names the slot, and another is generated",
                "Write the field into the value, such as \"value: { kind: password, field: password }\".");
        else if (value is ValuePolicy.Json json && json.Fields.Any(made => made.Field == identity
            || made.Generator is ValueGenerator.SshKey key && key.PublicField == identity))
            problems.Add(
                mapping.PlaceOf(IdentityField),
                $"The field {Quoted.Of(identity)} is generated, so it can't name the slot",
                "Name the field that holds the user or the id.");
    }
}

/// <summary>Whether programs that the inventory names may be started.</summary>
/// <param name="UsePrograms">Whether they may.</param>
internal sealed record ProgramSettings(bool UsePrograms);
