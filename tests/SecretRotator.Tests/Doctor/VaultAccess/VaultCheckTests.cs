using Amazon.SecurityToken;
using SecretRotator.Doctor.VaultAccess;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor.VaultAccess;

public sealed class VaultCheckTests
{
    private static readonly VersionId Current = new("v1");

    [Fact]
    public async Task What_can_be_described_and_read_is_told_together()
    {
        var look = new ModelLook("""{ "password": "worthless-old" }""");

        var results = await RunAsync(look, Secret("one"), Secret("two"));

        results.Select(result => (result.Id, result.Status)).Should().Equal(
            ("secret-described", CheckStatus.Pass), ("secret-readable", CheckStatus.Pass), ("encryption-key", CheckStatus.Pass),
            ("secret-writable", CheckStatus.Unknown));
        results[0].Observed.Should().Be("prod: 2 secrets can be described: one, two.");
        results[3].Why.Should().Contain("vault:Write");
    }

    [Fact]
    public async Task Every_value_is_wiped_and_nothing_of_it_is_told()
    {
        var look = new ModelLook("""{ "other": "worthless-old" }""");

        var results = await RunAsync(look, Secret("one"));

        results.Single(result => result.Status == CheckStatus.Fail).Should().BeEquivalentTo(new { Id = "secret-fields" });
        results.SelectMany(result => new[] { result.Observed, result.Why, result.Fix }).Should()
            .NotContain(text => text != null && text.Contains("worthless"));
        look.Read.Should().ContainSingle().Which.Invoking(value => value.Copy()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task Without_values_nothing_is_read_and_that_is_told()
    {
        var look = new ModelLook("{}");

        var results = await RunAsync(look, reads: false, Secret("one"));

        look.Read.Should().BeEmpty();
        results.Single(result => result.Id == "secret-readable").Status.Should().Be(CheckStatus.Unknown);
    }

    [Theory]
    [InlineData(FailureKind.Unavailable)]
    [InlineData(FailureKind.Garbled)]
    [InlineData(FailureKind.Unauthenticated)]
    public async Task What_concerns_the_whole_vault_is_asked_and_told_once(object kind)
    {
        var look = new ModelLook(
            "{}")
        {
            Fails = _ => new RemoteFailureException(
                (FailureKind)kind, Effect.Rejected, "No AWS identity: STS answered ExpiredTokenException.", "Start the step again.")
        };

        var results = await RunAsync(look, Secret("one"), Secret("two"), Secret("three"));

        look.Looked.Should().Be(1);
        results.Should().ContainSingle().Which
            .Should().BeEquivalentTo(new { Id = "vault-reached", Status = CheckStatus.Fail, Fix = "Start the step again." });
        results[0].Why.Should().StartWith("3 secrets of this vault");
    }

    [Fact]
    public async Task An_identity_that_AWS_refuses_concerns_the_whole_vault()
    {
        var refused = new AmazonSecurityTokenServiceException("Not authorized to perform sts:AssumeRoleWithWebIdentity");
        var look = new ModelLook(
            "{}")
        {
            Fails = _ => new RemoteFailureException(
                FailureKind.Unauthenticated, Effect.Rejected, "No AWS identity for describing one: STS answered AccessDenied.",
                "Fix the trust.", refused)
        };

        (await RunAsync(look, Secret("one"), Secret("two"))).Should().ContainSingle().Which.Id.Should().Be("vault-reached");
    }

    [Fact]
    public async Task What_concerns_one_secret_hides_none_of_the_others()
    {
        var look = new ModelLook(
            """{ "password": "worthless-old" }""")
        {
            Fails = secret => secret.Name == "one"
                ? new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, "There is no one.", "Make it.")
                : null,
        };

        var results = await RunAsync(look, Secret("one"), Secret("two"));

        results.Single(result => result.Status == CheckStatus.Fail).Should()
            .BeEquivalentTo(new { Id = "secret-described", Observed = "one: There is no one.", Fix = "Make it." });
        results.Single(result => result.Id == "secret-readable").Observed.Should().Contain("two");
    }

    [Fact]
    public async Task A_value_that_may_not_be_read_is_told_with_what_fixes_it()
    {
        var look = new ModelLook(
            "{}")
        { ReadFails = new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, "Refused.", "Allow it.") };

        var failed = (await RunAsync(look, Secret("one"))).Single(result => result.Status == CheckStatus.Fail);

        failed.Should().BeEquivalentTo(new { Id = "secret-readable", Observed = "one: Refused.", Fix = "Allow it." });
    }

    [Fact]
    public async Task A_vault_that_the_settings_do_not_suffice_for_is_an_answer()
    {
        var check = new VaultCheck(
            "azure", [Secret("one")], () => throw new UsageException("A credential is set without its tenant.", "Set AZURE_TENANT_ID too."),
            reads: true, parallelism: 2);

        (await check.RunAsync(TestContext.Current.CancellationToken))
            .Should().ContainSingle().Which
            .Should().BeEquivalentTo(new { Id = "vault-reached", Fix = "Set AZURE_TENANT_ID too." });
    }

    private static ManagedSecret Secret(string name) => new(
        name,
        "prod",
        name,
        new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(32, null))]),
        "me",
        Period.FromDays(30),
        null,
        [new VariableTarget(new VariableScope.Repository("acme", "api"), "X", "password", MayCreate: false)],
        1);

    private static Task<IReadOnlyList<CheckResult>> RunAsync(ModelLook look, params ManagedSecret[] secrets) =>
        RunAsync(look, reads: true, secrets);

    private static Task<IReadOnlyList<CheckResult>> RunAsync(ModelLook look, bool reads, params ManagedSecret[] secrets) =>
        new VaultCheck("prod", [.. secrets], () => look, reads, parallelism: 2).RunAsync(TestContext.Current.CancellationToken);

    private sealed class ModelLook(string content) : ISecretInspector
    {
        private int _looked;

        public Func<ManagedSecret, RemoteFailureException?> Fails { get; init; } = _ => null;

        public RemoteFailureException? ReadFails { get; init; }

        public int Looked => _looked;

        public System.Collections.Concurrent.ConcurrentBag<SecretValue> Read { get; } = [];

        public string Writing => "vault:Write";

        public Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _looked);
            return Fails(secret) is { } failure ? throw failure : Task.FromResult(new SecretSight(Current, [], "a key"));
        }

        public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation)
        {
            if (ReadFails is not null)
                throw ReadFails;
            var value = SecretValue.FromText(content);
            Read.Add(value);
            return Task.FromResult(new SecretVersion(version, value, Instant.MinValue));
        }

        public string Fix(RemoteFailureException failure, bool reads) => failure.Hint!;

        public bool IsOfIdentity(RemoteFailureException failure) => failure.Message.Contains("identity", StringComparison.Ordinal);
    }
}
