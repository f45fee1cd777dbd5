using SecretRotator.Configuration;
using SecretRotator.Evidence;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Google;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Settings;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Files that a person wrote, or that claim to be the program's own.</summary>
internal static class FileTargets
{
    private const string InventorySeed = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator, credential: 'vault://prod/ci/bitbucket-token' }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: 'arn:aws:iam::123456789012:role/rotator' }
          azure: { kind: azure-key-vault, uri: 'https://acme-prod.vault.azure.net/' }
          google: { kind: google-secret-manager, project: acme-prod, location: europe-west1 }
          hcp: { kind: hashicorp-vault, address: 'https://vault.acme.example:8200', mount: kv, namespace: platform, auth: jwt, role: ci }
        limits: { rotations-per-run: 25, share-of-inventory: 100%, failures-before-stop: 3, minimum-interval: 10m, claim-limit: 2h }
        freezes: [ { from: 2026-12-20T00:00, to: 2027-01-04T00:00, zone: Europe/Berlin, reason: year-end } ]
        controls: [ { id: PCI DSS 4.0 8.6.3, title: Passwords change periodically, facts: [age, period, exceptions] } ]
        defaults: { owner: platform@acme.example, rotate-every: 30d, window: { days: [mon, tue], from: '01:00', to: '05:00', zone: Europe/Berlin } }
        secrets:
          - name: payments-db
            vault: prod
            path: prod/payments/db
            value: { kind: password, field: password, length: 40, exclude: '@ ' }
            consumer: reads-from-vault
            targets:
              - { repository: payments-api, variable: DB_PASSWORD }
              - { repository: payments-api, environment: production, variable: DB_PASSWORD }
              - { workspace: true, variable: PAYMENTS_DB_PASSWORD }
        """;

    private const string PlanSeed = """
        {"version":1,"kind":"secret-rotator-plan","digest":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "request":{"only":["a"],"force":["b"],"forceReason":"leak","forcedBy":"me","adopt":false,"takeOver":[],"shard":{"index":1,"count":2}}}
        """;

    private const string SettingsSeed = """
        {"inventory":"rotation.yaml","output":"json","parallelism":4,"logFormat":"text","logLevel":"debug","evidence":"evidence",
        "endpoints":{"bitbucket":"https://bitbucket.test/2.0","aws":"http://127.0.0.1:4566","azure":{"grid":"https://127.0.0.1:8443"},
        "google":"http://127.0.0.1:4567","googleSts":"http://127.0.0.1:4568","hashicorp":{"hcp":"http://127.0.0.1:8200"}},
        "tls":{"caBundle":"ca.pem"},"azure":{"tenantId":"t","clientId":"c","federatedFrom":"prod"}}
        """;

    private static readonly Dictionary<string, string> NoVariables = new(StringComparer.Ordinal);
    private static readonly Lazy<DirectoryInfo> Folder = new(() => Directory.CreateTempSubdirectory("secret-rotator-fuzz-files-"));

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new("inventory", [InventorySeed], Inventory),
        new("saved-plan", [PlanSeed], SavedPlan),
        new("settings", [SettingsSeed], Settings),
        new("evidence", [EvidenceSeeds.Whole, EvidenceSeeds.Cut], Evidence),
    ];

    private static bool Inventory(byte[] input)
    {
        var result = InventoryParser.Parse("rotation.yaml", input, InventoryKinds.All);
        if ((result.Inventory is null) == result.Problems.IsEmpty)
            throw new BrokenPromiseException("Neither an inventory nor a problem, or both.");
        foreach (var problem in result.Problems)
        {
            if (problem.Line < 0 || (problem.Line == 0) != (problem.Column == 0))
                throw new BrokenPromiseException("A problem has no place.");
            MustBePrintable(problem.ToString());
        }

        return result.Inventory is not null;
    }

    private static bool SavedPlan(byte[] input)
    {
        var path = Written("plan.json", input);
        try
        {
            var plan = Commands.SavedPlan.Read(path);
            if (plan.Digest.Length != 64)
                throw new BrokenPromiseException("A plan without a digest was taken.");
            return true;
        }
        catch (UsageException refused)
        {
            MustName(refused, path);
            return false;
        }
    }

    private static bool Settings(byte[] input)
    {
        Written(SettingsReader.FileName, input);
        try
        {
            var settings = SettingsReader.Read(
                Folder.Value.FullName, NoVariables, new Dictionary<string, string?>(StringComparer.Ordinal), VaultProviders.All);
            var endpoints = settings.Endpoints;
            var (aws, azure) = (settings.Providers.SettingsOf<AwsSettings>(), settings.Providers.SettingsOf<AzureSettings>());
            var (google, hashicorp) = (settings.Providers.SettingsOf<GoogleSettings>(), settings.Providers.SettingsOf<HashiCorpSettings>());
            Uri?[] taken =
            [
                endpoints.Bitbucket, endpoints.BitbucketOAuth, endpoints.S3, endpoints.Oidc, aws.SecretsManagerEndpoint, aws.StsEndpoint,
                azure.AuthorityHost, .. azure.Endpoints.Values, google.SecretManagerEndpoint, google.StsEndpoint,
                google.IamCredentialsEndpoint, google.OAuthEndpoint, .. hashicorp.Endpoints.Values,
            ];
            foreach (var endpoint in taken)
                if (endpoint is not null && endpoint.Scheme != Uri.UriSchemeHttps && !endpoint.IsLoopback)
                    throw new BrokenPromiseException("An address was taken to which a secret would go in the clear.");
            return true;
        }
        catch (UsageException refused)
        {
            if (refused.Problems.IsEmpty)
                throw new BrokenPromiseException("A refusal without a problem.");
            return false;
        }
    }

    private static bool Evidence(byte[] input)
    {
        var file = EvidenceCheck.Of("run.jsonl", new MemoryStream(input));
        var lines = input.Count(b => b == '\n');
        if (file.Records > lines || (file.Records > 0) != (file.Story is not null))
            throw new BrokenPromiseException("It counts records that aren't there, or tells a story without them.");
        if (file.Verdict is EvidenceVerdict.Broken { At: var bad }
            && (bad.Number < 1 || bad.Line < 1 || bad.Line > lines + 1 || bad.Offset > input.Length))
            throw new BrokenPromiseException("The first bad record has no place.");
        if (file.Verdict is EvidenceVerdict.Whole && file.Story is not { EndedAt: not null, ExitCode: not null })
            throw new BrokenPromiseException("A file without its end is whole.");
        var head = EvidenceReader.Ends(new MemoryStream(input))?.Head;
        if (file.Verdict is EvidenceVerdict.Whole && head?.Head != file.Head)
            throw new BrokenPromiseException("The next run would name another head.");
        return file.Verdict is not EvidenceVerdict.Broken;
    }

    private static void MustName(UsageException refused, string path)
    {
        if (refused.Problems is not [{ File: { } file, Hint: not null }] || file != path)
            throw new BrokenPromiseException("A refusal doesn't name the file or what to do.");
    }

    private static void MustBePrintable(string text)
    {
        if (text.EnumerateRunes().Any(rune => !Quoted.IsPrintable(rune) && rune.Value != 0xfffd))
            throw new BrokenPromiseException("A message holds characters that a terminal obeys.");
    }

    private static string Written(string name, byte[] input)
    {
        var path = Path.Combine(Folder.Value.FullName, name);
        File.WriteAllBytes(path, input);
        return path;
    }
}
