using SecretRotator.Audit;
using SecretRotator.Bitbucket;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Verification;

namespace SecretRotator.Benchmarks;

/// <summary>
/// So many secrets, and what was observed of them. Each goes to a repository and to its deployment environment, one of
/// ten to the workspace as well; 25 share a repository. One of 20 lacks a variable, one of 50 is open to be read, one
/// of 100 could not be described, and every repository has a secured variable that no entry names.
/// </summary>
/// <remarks>So the shape stays the same while the number grows: what takes more than ten times as long for ten times as many isn't
/// linear.</remarks>
internal sealed record Population(RotationInventory Inventory, Observation Observation)
{
    private const int InARepository = 25;
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 2, 0);

    public static Population Of(int secrets)
    {
        var inventory = InventoryParser.Parse("rotation.yaml", Yaml(secrets), InventoryKinds.All).Inventory!;
        var scopes = inventory.Secrets.SelectMany(secret => secret.Targets).GroupBy(target => target.Scope).ToImmutableDictionary(
            scope => scope.Key,
            ScopeObservation (
                scope) => new ScopeObservation.Listed(
                    [.. scope.SelectMany(Seen), new ObservedVariable($"{scope.Key}-token", "CODECOV_TOKEN", Secured: true)]));
        var described = inventory.Secrets.ToImmutableDictionary(
            secret => secret.Name, secret => Describe(secret, scopes), StringComparer.Ordinal);
        return new Population(inventory, new Observation(Now, scopes, described));
    }

    public static byte[] Yaml(int secrets)
    {
        var yaml = new StringBuilder("""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator }
            vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }
            limits: { rotations-per-run: 10000, share-of-inventory: 100%, bitbucket-calls-per-hour: 10000 }
            defaults: { owner: load@acme.example, rotate-every: 30d }
            secrets:

            """);
        for (var i = 0; i < secrets; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                  - name: secret-{{i}}
                    vault: prod
                    path: load/secret-{{i}}
                    value: { kind: password, field: password }
                    consumer: reads-from-vault
                    targets:
                      - { repository: service-{{i / InARepository}}, variable: SECRET_{{i}} }
                      - { repository: service-{{i / InARepository}}, environment: production, variable: SECRET_{{i}} }

                """);
            if (i % 10 == 0)
                yaml.Append(CultureInfo.InvariantCulture, $"      - {{ workspace: true, variable: SHARED_SECRET_{i} }}\n");
        }

        return Encoding.UTF8.GetBytes(yaml.ToString());
    }

    public RotationPlan Plan() => Planner.Plan(Inventory, Observation, PlanRequest.Everything, Now, _ => new VaultCosts(1, 9, 7, 13, 0));

    public DriftReport Compare() => DriftCheck.Compare(Inventory, Observation, PlanRequest.Everything, Now);

    public AuditReport Report(RotationPlan plan, DriftReport drift) => Auditor.Of(
        new Snapshot(Inventory, Observation, plan, drift),
        new PastRuns(),
        EvidenceFacts.None,
        new ReportOrigin(
            Now, "1.0.0", "load", SandboxRun: false, "rotation.yaml", InventoryDigest.Of(Inventory), plan.Digest, Inventory.Workspace,
            Inventory.Secrets.Length));

    private static IEnumerable<ObservedVariable> Seen(VariableTarget target)
    {
        var number = NumberOf(target.Variable);
        if (target.Scope is not VariableScope.Environment || number % 20 != 0)
            yield return new ObservedVariable($"{target}", target.Variable, Secured: number % 50 != 1);
    }

    private static SecretObservation Describe(ManagedSecret secret, ImmutableDictionary<VariableScope, ScopeObservation> scopes)
    {
        var number = NumberOf(secret.Targets[0].Variable);
        if (number % 100 == 3)
            return new SecretObservation.Undescribed(new(FailureKind.Unavailable, "The vault answered AccessDenied."));
        var version = new VersionId("v1");
        var since = Now - Duration.FromDays(number % 40);
        var mark = new DeliveryMark(
            version, since, since, TargetsDigest.Of(secret, scopes), VerificationLevel.Listed, new RotationId("v1"));
        return new SecretObservation.Described(
            new SecretDescription(version, null, mark, null, new ForeignRotation.None()), HolderState.Unknown);
    }

    private static int NumberOf(string variable) => int.Parse(variable[(variable.LastIndexOf('_') + 1)..], CultureInfo.InvariantCulture);
}
