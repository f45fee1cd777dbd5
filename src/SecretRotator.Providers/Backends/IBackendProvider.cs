using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Providers.Backends.Entra;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Providers.Backends.Program;
using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends;

/// <summary>
/// One kind of system that accepts credentials, with all that the program knows of it. A backend is a folder with an implementation of this
/// and one line in <see cref="BackendProviders"/>; nothing outside the folder names its types.
/// </summary>
internal interface IBackendProvider : IBackendGrammar
{
    /// <summary>The settings that it reads.</summary>
    ImmutableArray<SettingKey> SettingKeys => [];

    /// <summary>
    /// Reads its settings into a record of its own type, which it finds again with <see cref="ConfiguredProviders.SettingsOf"/>;
    /// null where it has none.
    /// </summary>
    object? ReadSettings(SettingsValues values) => null;

    /// <summary>Opens the backend of a secret. Nothing is called yet.</summary>
    /// <param name="secret">The secret, whose backend is of this kind.</param>
    /// <param name="connections">What it is reached with.</param>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    ICredentialBackend Open(ManagedSecret secret, BackendConnections connections);

    /// <summary>The services that its secrets call, where the settings say they answer.</summary>
    IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings);
}

/// <summary>The one list of the kinds of backends that there are, in the order in which messages and <c>doctor</c> tell them.</summary>
internal static class BackendProviders
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<IBackendProvider> All { get; } =
    [
        new PostgreSqlProvider(),
        new MySqlProvider(isMariaDb: false),
        new MySqlProvider(isMariaDb: true),
        new AwsIamProvider(),
        new EntraProvider(),
        new DeployKeyProvider(),
        new RedisProvider(),
        new ProgramProvider(),
    ];

    /// <summary>The services that the backends of an inventory call, where the settings say they answer.</summary>
    public static IEnumerable<Endpoint> EndpointsOf(RotationInventory inventory, ConfiguredProviders settings) =>
        inventory.Secrets.Select(secret => secret.Backend).OfType<BackendDefinition>()
            .SelectMany(backend => All.First(provider => provider.Keys.Schema == backend.Kind).Endpoints(backend, settings));
}
