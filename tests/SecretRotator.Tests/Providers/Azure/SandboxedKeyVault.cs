using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Azure;

/// <summary>The real SDK on one side of a TLS socket, the Key Vault and Entra emulators on the other, and claims in memory.</summary>
internal sealed class SandboxedKeyVault : VaultUnderTest
{
    public static readonly AzureVaultDefinition Definition = new("azure", new Uri("https://acme-prod.vault.azure.net/"));

    private readonly List<AzureVaultFactory> _factories = [];
    private readonly SandboxHost _host;

    private SandboxedKeyVault(SandboxHost host) => _host = host;

    /// <summary>Where the vault answers.</summary>
    public Uri Endpoint => _host.EndpointOf("azure:" + Definition.Name);

    public ClaimVariables Home { get; } = new();

    public SkippingTime Time { get; } = new();

    public static async Task<SandboxedKeyVault> OpenAsync()
    {
        SandboxHost? host = null;

        // Real time: TLS certificates and tokens are judged by it.
        host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance },
            [new KeyVaultEmulator(Definition.Name, () => host!.EndpointOf("entra"), new SystemRandom()), new EntraEmulator()]);
        var opened = new SandboxedKeyVault(host);
        opened.Home.Trouble = (operation, key) => host.Faults.Meet("bitbucket", new CallName(operation, key))?.Effect switch
        {
            null => ClaimTrouble.None,
            FaultEffect.Lost => ClaimTrouble.Lost,
            FaultEffect.Status { Code: 403 } => ClaimTrouble.Forbidden,
            _ => ClaimTrouble.Unavailable,
        };
        return opened;
    }

    public override ISecretVault Connect() => Connect(settings => settings);

    /// <summary>A connection with settings of its own.</summary>
    public ISecretVault Connect(Func<AzureSettings, AzureSettings> change, Func<HttpMessageHandler, HttpMessageHandler>? through = null)
    {
        var entra = new EntraState();
        using var secret = SecretValue.FromText(entra.ClientSecret);
        var settings = new AzureSettings
        {
            TenantId = entra.Tenant,
            ClientId = entra.ClientId,
            ClientSecret = secret.Copy(),
            AuthorityHost = _host.EndpointOf("entra"),
            Endpoints = ImmutableDictionary<string, Uri>.Empty.Add(Definition.Name, Endpoint),
        };
        var factory = new AzureVaultFactory(
            change(settings), () => through is null ? Handler() : through(Handler()), new InMemoryLockStore(Home), SystemClock.Instance,
            new SystemRandom(), Time);
        lock (_factories)
            _factories.Add(factory);
        return factory.Create(Definition);
    }

    public string ClaimKey(string path) => ((AzureVault)Connect()).ClaimKey(path);

    /// <summary>Looks at the vault's state, or changes it.</summary>
    public T Use<T>(Func<KeyVaultState, T> use) =>
        _host.Store.UseAsync(state =>
        {
            if (!state.KeyVaults.TryGetValue(Definition.Name, out var vault))
                state.KeyVaults[Definition.Name] = vault = new KeyVaultState();
            return (use(vault), true);
        }).GetAwaiter().GetResult();

    /// <summary>Changes what the sandbox remembers.</summary>
    public Task ChangeAsync(Action<SandboxState> change) => _host.Store.ChangeAsync(change);

    /// <summary>Adds a version as someone else's program would, and answers its id.</summary>
    public VersionId Add(string path, AzureVersionState version) => Use(vault =>
    {
        version.Id = version.Id.Length > 0 ? version.Id : KeyVaultEmulator.NewVersionId(new SystemRandom());
        if (!vault.Secrets.TryGetValue(path, out var secret))
            vault.Secrets[path] = secret = new AzureSecretState();
        secret.Versions.Add(version);
        return new VersionId(version.Id);
    });

    /// <summary>The versions of a secret in the order in which they were made.</summary>
    public IReadOnlyList<AzureVersionState> VersionsOf(string path) =>
        Use(vault => vault.Secrets.TryGetValue(path, out var secret) ? secret.Versions.ToList() : []);

    /// <summary>The operations so far, challenges and tokens left out.</summary>
    public IReadOnlyList<string> Operations =>
        [.. _host.Calls.Snapshot().Where(c => c.Service == "azure" && c.Operation != "Challenge")
            .Select(c => $"{c.Operation} {c.Resource}")];

    public override VersionId Seed(string path, string value)
    {
        Home.Erase(ClaimKey(path));
        Use(vault => vault.Secrets.Remove(path) | vault.Secrets.Remove(path + "-staged"));
        return RotateElsewhere(path, value);
    }

    public override void Mark(string path, DeliveryMark mark) =>
        Use(vault => vault.Secrets[path].Versions[^1].Tags["secret-rotator-delivered"] = mark.Format());

    public override VersionId RotateElsewhere(string path, string value)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds());
        return Add(path, new AzureVersionState { Value = value, Created = now, Updated = now });
    }

    public override void Delete(string path) => Use(vault => vault.Secrets[path].DeletedDate = DateTimeOffset.UnixEpoch);

    public override VaultView Look(string path) => Use(vault =>
    {
        var versions = vault.Secrets[path].Versions;
        var staged = vault.Secrets.TryGetValue(path + "-staged", out var companion)
            ? companion.Versions.Where(v => v.Enabled).ToList()
            : [];
        var claims = Home.Keys.Where(k => k == ClaimKey(path)).ToList();
        return new VaultView(
            versions[^1].Value,
            new VersionId(versions[^1].Id),
            versions.Count,
            [.. staged.Select(v => v.Value)],
            claims.Count > 0,
            DeliveryMark.Parse(versions[^1].Tags.GetValueOrDefault("secret-rotator-delivered")) is { } mark
                ? mark with { Version = new VersionId(versions[^1].Id) }
                : null,
            [.. staged.Select(v => $"{path}-staged/{v.Id}"), .. claims]);
    });

    public override bool IsRetired(string path, VersionId version) =>
        Use(vault => !vault.Secrets[path].Versions.Single(v => v.Id == version.Value).Enabled);

    public override string RetireOperation => "azure.PatchSecret";

    public override string MarkOperation => "azure.PutSecret";

    public override void Fault(string spec) => _host.Faults.Add([FaultSpec.Parse(spec)]);

    public override void Heal() => _host.Faults.Clear();

    public override int ValueReads => Operations.Count(o => o.StartsWith("GetSecret ", StringComparison.Ordinal));

    public override int Calls => Operations.Count + ClaimCalls;

    public override int ClaimCalls => Home.Calls;

    public override int Writes =>
        Operations.Count(
            o => o.StartsWith("PutSecret ", StringComparison.Ordinal) || o.StartsWith("PatchSecret ", StringComparison.Ordinal));

    public override string DescribeOperation => "azure.ListVersions";

    public override string ReadOperation => "azure.GetSecret";

    public override ImmutableArray<string> WriteOperations =>
        [
            "bitbucket.post@SECRET_ROTATOR_CLAIM",
            "azure.PutSecret@-staged",
            "azure.PutSecret",
            "azure.PatchSecret",
            "bitbucket.delete@SECRET_ROTATOR_CLAIM",
        ];

    public override async ValueTask DisposeAsync()
    {
        foreach (var factory in _factories)
            factory.Dispose();
        await _host.DisposeAsync();
    }

    /// <summary>Trusts the sandbox's certificate authority, and no one else.</summary>
    private SocketsHttpHandler Handler() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(_host.AuthorityPem) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
