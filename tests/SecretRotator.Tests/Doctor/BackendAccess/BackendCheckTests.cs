using SecretRotator.Doctor.BackendAccess;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor.BackendAccess;

/// <summary><c>doctor --area backends</c> tells what a rotation's CHECK would find, and changes nothing.</summary>
public sealed class BackendCheckTests
{
    private readonly ModelCloud _cloud = new();
    private readonly ModelCredentials _kept = new();

    [Fact]
    public async Task A_system_that_accepts_the_current_value_passes()
    {
        (await RunAsync(BackendFamily.Set)).Select(each => (each.Id, each.Status)).Should().Equal(
            ("backend-reached", CheckStatus.Pass), ("credential-accepted", CheckStatus.Pass));
        _cloud.Calls.Should().NotContain(call => call.StartsWith("set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_value_that_is_refused_fails_with_the_way_out()
    {
        _kept.Slots["a"] = new ModelCredential { Value = "another" };

        var refused = (await RunAsync(BackendFamily.Set)).Single(each => each.Id == "credential-accepted");

        (refused.Status, refused.Observed).Should().Be((CheckStatus.Fail, "db: model.internal refuses the current value, a."));
        refused.Fix.Should().Contain("rotate --force db");
    }

    [Fact]
    public async Task A_login_without_an_answer_is_unknown()
    {
        _kept.IsDown = true;

        (await RunAsync(BackendFamily.Set)).Single(each => each.Id == "credential-accepted").Status.Should().Be(CheckStatus.Unknown);
    }

    [Fact]
    public async Task Without_values_no_system_is_asked()
    {
        (await RunAsync(BackendFamily.Set, reads: false)).Should().ContainSingle().Which.Status.Should().Be(CheckStatus.Unknown);
        _cloud.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("r-of-another-inventory", ", made by rotation r-of-another-inventory")]
    public async Task A_credential_that_no_version_names_fails_by_its_id(string? rotation, string by)
    {
        _kept.Slots["someone-s"] = new ModelCredential { Value = "x", MadeBy = rotation is null ? null : new(rotation) };

        var results = await RunAsync(BackendFamily.Issue);

        results.Where(each => each.Status == CheckStatus.Fail).Select(each => (each.Id, each.Observed)).Should().Equal(
            ("unknown-credential", $"db: model.internal has a credential that no version of the secret names: someone-s{by}."));
    }

    [Fact]
    public async Task Both_slots_are_told_with_what_they_are()
    {
        (await RunAsync(BackendFamily.Set))[0].Observed.Should().Be(
            "db: model.internal answers as model.internal, and can be changed. It has a (in use), b (disabled).");
    }

    [Fact]
    public async Task An_idle_user_that_can_log_in_though_no_version_names_its_value_is_a_warning()
    {
        var secret = Deliver(BackendFamily.Set);
        _kept.Slots["b"].Enabled = true;

        var found = (await CheckAsync(secret)).Single(each => each.Id == "unknown-credential");

        (found.Status, found.Observed).Should().Be(
            (CheckStatus.Warn, "db: model.internal has a credential that no version of the secret names: b."));
        found.Fix.Should().Be("Find out who uses it; then disable or delete it there.");
    }

    [Fact]
    public async Task A_system_that_can_not_be_looked_at_fails_with_what_it_says()
    {
        _cloud.Fate = (call, _) => call == "inspect" ? CallFate.Refused : CallFate.Works;

        var failed = (await RunAsync(BackendFamily.Set)).Should().ContainSingle().Which;

        (failed.Id, failed.Status, failed.Observed).Should().Be(("backend-reached", CheckStatus.Fail, "db: inspect was refused."));
        failed.Fix.Should().Be("Fix what it says, and run doctor again.");
    }

    [Fact]
    public async Task A_credential_in_its_grace_is_named_by_its_version()
    {
        var secret = Deliver(BackendFamily.Issue);
        await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));
        _kept.Slots.Should().HaveCount(2);
        (await CheckAsync(secret))[0].Observed.Should().Contain("a (in grace)");

        (await CheckAsync(secret)).Should().OnlyContain(each => each.Status == CheckStatus.Pass);
    }

    private Task<IReadOnlyList<CheckResult>> RunAsync(BackendFamily family, bool reads = true) => CheckAsync(Deliver(family), reads);

    private ManagedSecret Deliver(BackendFamily family)
    {
        var secret = Inventories.Secret(
            "db",
            family == BackendFamily.Issue
                ? new ValuePolicy.Issued()
                : new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "DB", "password", MayCreate: false)) with
        {
            Backend = new ModelBackendDefinition(family, Overlaps: true),
            Grace = new GracePolicy.Lasting(Duration.FromHours(1)),
        };
        _cloud.Deliver(secret, ModelBackend.Content("a", "old"), Duration.FromDays(40));
        _cloud.Backends["db"] = _kept;
        _kept.Slots.TryAdd("a", new ModelCredential { Value = "old" });
        if (family == BackendFamily.Set)
            _kept.Slots["b"] = new ModelCredential { Value = "older", Enabled = false };
        return secret;
    }

    private Task<IReadOnlyList<CheckResult>> CheckAsync(ManagedSecret secret, bool reads = true)
    {
        var machine = new ModelMachine(_cloud);
        return new BackendCheck([secret], _ => machine.Vault, machine.Tools.Backends, reads, parallelism: 1)
            .RunAsync(TestContext.Current.CancellationToken);
    }
}
