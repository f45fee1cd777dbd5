using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>A program of the user's own that speaks to a system which accepts credentials. docs/backends.md describes how it is
/// spoken to.</summary>
internal sealed class ProgramProvider : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys => ProgramGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => ProgramSettings.SettingKeys;

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => ProgramSettings.Read(values);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        ProgramGrammar.Read(mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (ProgramDefinition)secret.Backend!;
        return connections.Settings.SettingsOf<ProgramSettings>().UsePrograms
            ? new ProgramBackend(secret.Name, definition, connections)
            : throw new UsageException(ProgramSettings.Refusal(definition), ProgramSettings.RefusalHint);
    }

    /// <summary>Only the program knows which services it calls.</summary>
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) => [];
}

/// <summary>Whether programs that the inventory names may be started.</summary>
/// <param name="UsePrograms">Whether they may.</param>
internal sealed record ProgramSettings(bool UsePrograms)
{
    /// <summary>What to do where they may not.</summary>
    public const string RefusalHint = "Set backends.usePrograms to true where whoever can change the inventory may run programs here.";

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } = [new("backends:usePrograms")];

    /// <summary>Reads them.</summary>
    public static ProgramSettings Read(SettingsValues values) =>
        new(values.OneOf("backends:usePrograms", false, ("true", true), ("false", false)));

    /// <summary>Why a program isn't started.</summary>
    public static string Refusal(ProgramDefinition definition) =>
        $"The program {definition.Place} isn't started: no program of the inventory is without a setting that allows it.";
}
