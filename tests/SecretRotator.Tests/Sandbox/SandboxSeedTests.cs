using CsCheck;
using SecretRotator.Bitbucket;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Tests.Sandbox;

public sealed class SandboxSeedTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 2, 0);

    [Fact]
    public void Every_target_holds_what_the_vault_holds()
    {
        var state = Seeded(SandboxInventory.Everything);

        foreach (var secret in SandboxInventory.Everything.Secrets)
        {
            foreach (var target in secret.Targets.Where(target => !target.MayCreate))
                Variable(state, target)!.Value.Should().Be(Field(Content(state, secret), target.Field));
        }
    }

    [Fact]
    public void A_target_in_base64_holds_its_field_encoded()
    {
        var secret = SandboxInventory.SshKey with
        {
            Targets = [SandboxInventory.SshKey.Targets[0] with { Encoding = TargetEncoding.Base64 }],
        };
        var state = Seeded(SandboxInventory.Of(secret));

        Encoding.UTF8.GetString(Convert.FromBase64String(Variable(state, secret.Targets[0])!.Value)).Should()
            .Be(Field(Content(state, secret), "private")).And.Contain("\n");
    }

    [Fact]
    public void Every_target_is_secured() =>
        SandboxInventory.Everything.Secrets.SelectMany(secret => secret.Targets).Where(target => !target.MayCreate)
            .Should().OnlyContain(target => Variable(Seeded(SandboxInventory.Everything), target)!.Secured);

    [Fact]
    public void A_target_that_may_be_created_is_absent()
    {
        var state = Seeded(SandboxInventory.Everything);

        Variable(state, SandboxInventory.Azure.Targets[1]).Should().BeNull();
    }

    [Fact]
    public void Every_secret_is_delivered_and_due()
    {
        var inventory = SandboxInventory.Everything;
        var state = Seeded(inventory);

        var plan = Planner.Plan(inventory, Observe(state, inventory), PlanRequest.Everything, Now, _ => new VaultCosts(1, 1, 1, 1, 0));

        plan.Items.Select(item => item.Decision).Should().AllBeOfType<Decision.Due>();
    }

    [Fact]
    public void No_two_secrets_have_the_same_value()
    {
        var state = Seeded(SandboxInventory.Everything);

        SandboxInventory.Everything.Secrets.Select(secret => Content(state, secret)).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_json_secret_has_fields_that_the_inventory_does_not_name()
    {
        using var content = JsonDocument.Parse(Content(Seeded(SandboxInventory.Everything), SandboxInventory.Json));

        content.RootElement.EnumerateObject().Select(member => member.Name).Should().Contain(["username", "host", "port", "password"]);
    }

    [Fact]
    public void A_vault_managed_secret_has_a_rotation_function()
    {
        var secret = Seeded(SandboxInventory.Everything).SecretsManager.Secrets["123456789012/eu-west-1/prod/ledger"];

        (secret.RotationEnabled, secret.RotationLambdaArn).Should()
            .Be((true, "arn:aws:lambda:eu-west-1:123456789012:function:rotate-ledger"));
    }

    [Fact]
    public void A_workspace_has_more_variables_than_one_page_of_ten() =>
        Seeded(SandboxInventory.Everything).Bitbucket.Workspaces["acme"].Variables.Should().HaveCountGreaterThan(10);

    [Fact]
    public void The_home_repository_exists() =>
        Seeded(SandboxInventory.Of()).Bitbucket.Workspaces["acme"].Repositories.Should().ContainKey("secret-rotator");

    [Fact]
    public void Seeding_again_changes_nothing()
    {
        var state = Seeded(SandboxInventory.Everything);
        var before = Text(state);

        Seed(state, SandboxInventory.Everything, Now + Duration.FromDays(1)).Should().BeFalse();

        Text(state).Should().Be(before);
    }

    [Fact]
    public void A_target_that_was_deleted_since_does_not_come_back()
    {
        var state = Seeded(SandboxInventory.Everything);
        var target = SandboxInventory.Password.Targets[0];
        Scope(state, target.Scope).RemoveAll(variable => variable.Key == target.Variable);

        Seed(state, SandboxInventory.Everything, Now);

        Variable(state, target).Should().BeNull();
    }

    [Fact]
    public void A_secret_that_the_inventory_gained_is_added_and_the_others_stay()
    {
        var state = Seeded(SandboxInventory.Of(SandboxInventory.Password));
        var before = Content(state, SandboxInventory.Password);

        Seed(state, SandboxInventory.Everything, Now);

        Content(state, SandboxInventory.Password).Should().Be(before);
        Variable(state, SandboxInventory.Json.Targets[0])!.Value.Should().Be(Field(Content(state, SandboxInventory.Json), "password"));
    }

    [Fact]
    public void A_target_that_the_inventory_gained_holds_the_current_value()
    {
        var state = Seeded(SandboxInventory.Of(SandboxInventory.Password));
        var added = SandboxInventory.Target(new VariableScope.Workspace("acme"), "WEBHOOK_TOO");

        Seed(state, SandboxInventory.Of(SandboxInventory.Password with { Targets = [.. SandboxInventory.Password.Targets, added] }), Now);

        Variable(state, added)!.Value.Should().Be(Content(state, SandboxInventory.Password));
    }

    [Fact]
    public void Whatever_the_period_everything_is_overdue() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[0, 3], Gen.Int[0, 10_000]).Sample((count, unit, hours) =>
        {
            var period = unit switch
            {
                0 =>
                Period.FromDays(count),
                1 => Period.FromWeeks(count),
                2 => Period.FromMonths(count),
                _ =>
                Period.FromYears(count % 20 + 1)
            };
            var now = Now + Duration.FromHours(hours);
            var secret = SandboxInventory.Password with { RotateEvery = period };
            var state = new SandboxState();
            Seed(state, SandboxInventory.Of(secret), now);

            var mark = DeliveryMark.Parse(state.SecretsManager.Secrets.Values.Single().Tags[SeededSecretsManager.DeliveredTag])!;

            return Freshness.DueAt(secret, mark.ValueSince, RunLimits.Default) < now;
        });

    private static bool Seed(SandboxState state, RotationInventory inventory, Instant now) =>
        new SandboxSeed(state, inventory, now, new SystemRandom(), []).Apply();

    private static SandboxState Seeded(RotationInventory inventory)
    {
        var state = new SandboxState();
        Seed(state, inventory, Now);
        return state;
    }

    private static Observation Observe(SandboxState state, RotationInventory inventory) => new(
        Now,
        inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct().ToImmutableDictionary(
            scope => scope,
            scope => (ScopeObservation)new ScopeObservation.Listed(
                [.. Scope(state, scope).Select(v => new ObservedVariable(v.Uuid.Trim('{', '}'), v.Key, v.Secured))])),
        inventory.Secrets.ToImmutableDictionary(
            secret => secret.Name,
            secret => (SecretObservation)new SecretObservation.Described(Describe(state, secret), HolderState.Unknown),
            StringComparer.Ordinal));

    private static SecretDescription Describe(SandboxState state, ManagedSecret secret)
    {
        var (version, mark) = secret.Vault == "azure"
            ? (state.KeyVaults["azure"].Secrets[secret.Path].Versions[^1].Id,
                state.KeyVaults["azure"].Secrets[secret.Path].Versions[^1].Tags[SeededKeyVault.DeliveredTag])
            : (Aws(state, secret).Versions[0].Id, Aws(state, secret).Tags[SeededSecretsManager.DeliveredTag]);
        return new(
            new VersionId(version),
            null,
            DeliveryMark.Parse(mark),
            null,
            secret.Value is ValuePolicy.VaultManaged ? new ForeignRotation.ByVault() : new ForeignRotation.None());
    }

    private static SecretRotator.Sandbox.Aws.AwsSecretState Aws(SandboxState state, ManagedSecret secret) =>
        state.SecretsManager.Secrets["123456789012/eu-west-1/" + secret.Path];

    private static string Content(SandboxState state, ManagedSecret secret) => secret.Vault == "azure"
        ? state.KeyVaults["azure"].Secrets[secret.Path].Versions[^1].Value
        : Aws(state, secret).Versions.Single(version => version.Stages.Contains("AWSCURRENT")).SecretString!;

    private static string? Field(string content, string? field) =>
        field is null ? content : JsonDocument.Parse(content).RootElement.GetProperty(field).GetString();

    private static VariableState? Variable(SandboxState state, VariableTarget target) =>
        Scope(state, target.Scope).Find(variable => variable.Key == target.Variable);

    private static List<VariableState> Scope(SandboxState state, VariableScope scope)
    {
        var workspace = state.Bitbucket.Workspaces[scope.WorkspaceSlug];
        return scope switch
        {
            VariableScope.Repository r => workspace.Repositories[r.Slug].Variables,
            VariableScope.Environment e =>
                workspace.Repositories[e.Slug].Environments.Single(environment => environment.Name == e.Name).Variables,
            _ => workspace.Variables,
        };
    }

    private static string Text(SandboxState state) => JsonSerializer.Serialize(state, SandboxStateContext.Default.SandboxState);
}
