using System.Text.Json.Nodes;
using CsCheck;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends;
using SecretRotator.Tests.Inventory;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>The schema for editors and the parser say the same.</summary>
public sealed class RotationSchemaTests
{
    private const string Carrier = "    targets: [ { workspace: true, variable: A, field: id } ]";

    private const string ValueAndTarget = "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }";

    private const string ValueToConsumer = ValueAndTarget + "\n    consumer: reads-from-vault";

    private const string Target = "\n    targets: [ { repository: a, variable: A, whole: true } ]";

    private static readonly IReadOnlyList<KeyTable> VaultTables = [.. VaultProviders.All.Select(provider => provider.Keys)];

    private static readonly IReadOnlyList<KeyTable> BackendTables = [.. BackendProviders.All.Select(provider => provider.Keys)];

    private static readonly IReadOnlyList<KeyTable> All = [.. GrammarTables.All, .. VaultTables, .. BackendTables];

    public static TheoryData<string> Tables => [.. All.Select(table => table.Schema)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_definition_has_exactly_the_keys_that_the_parser_takes(string schema) =>
        Properties(schema).Select(property => property.Key).Should().BeEquivalentTo(Table(schema).Keys.Select(key => key.Name));

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_definition_requires_exactly_the_keys_that_the_parser_requires(string schema) =>
        (Definition(schema)["required"]?.AsArray().Select(key => key!.GetValue<string>()) ?? []).Should()
            .BeEquivalentTo(Table(schema).Keys.Where(key => key.Required).Select(key => key.Name));

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_definition_takes_no_other_key(string schema) =>
        Definition(schema)["additionalProperties"]!.GetValue<bool>().Should().BeFalse();

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_key_is_described(string schema) =>
        Properties(schema)
            .Where(property => Described(property.Value!.AsObject()) is null)
            .Select(property => property.Key)
            .Should().BeEmpty();

    [Fact]
    public void Every_kind_is_the_word_that_the_parser_takes() =>
        VaultTables.Concat(BackendTables).Concat(Grammar.ValueKinds.Entries.Concat(Grammar.ReceiverKinds.Entries)
            .Select(entry => entry.Meaning))
            .Select(table => Properties(table.Schema)["kind"]!["const"]!.GetValue<string>())
            .Should().Equal(VaultTables.Concat(BackendTables).Select(table => table.Schema)
                .Concat(Grammar.ValueKinds.Words).Concat(Grammar.ReceiverKinds.Words));

    [Fact]
    public void Every_word_is_one_that_the_parser_takes() =>
        new[] { Words("day"), Words("characterClass"), Words("fact"), Words("verify"), Enum("ssh-key", "algorithm"),
            Enum("target", "encoding"), Words("event"), Enum("email", "tls"), Enum("secret", "consumer") }
            .Should().BeEquivalentTo(
                [
                    Grammar.DayWords.Words,
                    Grammar.ClassWords.Words,
                    Grammar.FactWords.Words,
                    Grammar.VerifyWords.Words,
                    Grammar.AlgorithmWords.Words,
                    Grammar.EncodingWords.Words,
                    Grammar.EventWords.Words,
                    Grammar.MailTlsWords.Words,
                    Grammar.ConsumerWords.Words,
                ], options => options.WithStrictOrdering());

    [Fact]
    public void Every_kind_of_value_of_vault_and_of_backend_can_be_chosen() =>
        Choices(Definition("value")).Concat(Choices(Definition("backend"))).Concat(Choices(Definition("receiver")))
            .Concat(Choices(Properties("")["vaults"]!["additionalProperties"]!.AsObject())).Should().BeEquivalentTo(
                Grammar.ValueKinds.Entries.Concat(Grammar.ReceiverKinds.Entries).Select(entry => entry.Meaning).Concat(VaultTables)
                    .Concat(BackendTables)
                    .Select(table => table.Schema));

    [Fact]
    public void Its_defaults_are_those_of_the_parser()
    {
        var limits = Properties("limits");
        var written = string.Join(", ", limits.Select(limit => $"{limit.Key}: {limit.Value!["default"]}"));

        Accepted("{ minimum-interval: 10m }", $"{{ {written} }}").Limits.Should().Be(RunLimits.Default);
    }

    [Theory]
    [InlineData("rotate-every: 30d", "rotate-every: P1Y2M3W4DT5H6M7S")]
    [InlineData("rotate-every: 30d", "rotate-every: 999h")]
    [InlineData(
        "{ minimum-interval: 10m }",
        "{ share-of-inventory: 100%, rotations-per-run: 10000, failures-before-stop: 1, bitbucket-calls-per-hour: 10000, "
            + "minimum-interval: 1m, claim-limit: 7d }")]
    [InlineData("{ minimum-interval: 10m }", "{ share-of-inventory: 0.5%, claim-limit: PT90M }")]
    [InlineData(
        "{ workspace: acme, home: acme/secret-rotator }",
        "{ workspace: ACME, home: Acme/x.y_z, credential: \"vault://prod/ci/a+b=c#tok en\" }")]
    [InlineData("region: eu-west-1", "region: us-gov-west-1, role: \"arn:aws-us-gov:iam::123456789012:role/a/b+c\"")]
    [InlineData("https://acme-prod.vault.azure.net/", "https://abc.vault.usgovcloudapi.net")]
    [InlineData("from: 2026-12-20T00:00", "from: 2026-12-20T00:00:59")]
    [InlineData("from: \"01:00\", to: \"05:00\"", "from: 00:00, to: 24:00")]
    [InlineData(
        "version: 1",
        "version: 1\ncontrols: [ { id: A, title: Some, facts: [integrity, age] }, { id: b 2.1, title: Other, facts: [age] } ]")]
    [InlineData(
        "version: 1",
        "version: 1\nheartbeat: vault://prod/a\nnotify: [ { name: a, kind: slack, url: vault://prod/a#b, on: [failed] }, { name: b, kind: "
            + "bitbucket-pull-request, pull-request: 7, repository: A.b }, { name: c, kind: email, server: \"[::1]:465\", from: a@b, to: "
            + "[c@d.e], user: x, password: vault://prod/a, tls: implicit } ]")]
    [InlineData("version: 1", "version: 1\nattestation: { pipeline: attest, branch: release/1, limit: 1m, repository: A.b }")]
    [InlineData("    vault: prod", "    vault: prod\n    window: any\n    verify: listed")]
    [InlineData("path: prod/payments/db", "path: \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:a+b@c-AbCdEf\"")]
    [InlineData("{ kind: password }", "{ kind: password, length: 1024, classes: [symbol, digit], exclude: \"'\\\" \" }")]
    [InlineData("{ kind: password }", "{ kind: hex, field: 'spring\\.password' }")]
    [InlineData("{ kind: password }", "{ kind: hex, bytes: 1024 }")]
    [InlineData("{ kind: password }", "{ kind: base64, bytes: 16 }")]
    [InlineData("{ kind: password }", "{ kind: base64url, bytes: 1, weak-because: a nonce }")]
    [InlineData("{ kind: password }", "{ kind: uuid, weak-because: an identifier }")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { workspace: true, variable: A, encoding: base64 } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, algorithm: rsa, bits: 16384, field: a, public-field: b, comment: me }\n    targets: [ { workspace: true, "
            + "variable: A, field: b } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, ssh-key-pair: true, field: a, create: true } ]")]
    [InlineData("{ kind: password }", "{ kind: vault-managed }")]
    [InlineData(
        ValueToConsumer,
        "{ kind: ssh-key, field: a, public-field: b }\n    backend: { kind: bitbucket-deploy-key, repository: Acme/A.b, label: deploys }\n"
            + "    targets: [ { workspace: true, variable: A, encoding: base64 } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: redis, server: \"[::1]:7000\", nodes: [b, \"c:1\"], ca: x/y.pem, admin: "
            + "vault://prod/a/b, users: [größe, \"a#b\"], user-field: name }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: redis, server: cache.internal, admin: vault://prod/a, users: [app] }"
            + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: mysql, server: \"db.internal:3307\", ca: x/y.pem, admin: vault://prod/a/b, "
            + "users: [größe, \"a b\"], host: \"10.%\", user-field: name }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: mariadb, server: db.internal, overlap: none }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: \"[::1]:7000\", database: \"a b\", ca: x/y.pem, admin: "
            + "vault://prod/a/b, users: [größe, \"a \\\"b\"], user-field: name }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: db.internal, database: payments, overlap: none }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: program, command: [backends/x], identity-field: user, slots: [a, b], lag: 1m }"
            + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: issued }\n    backend: { kind: program, command: [backends/x], identity-field: id, family: issue, delete-after: 12h }\n"
            + Carrier)]
    [InlineData("{ kind: password }", "[ { kind: hex, field: password } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: issued }\n    backend: { kind: aws-access-key, user: ci/de+p=lo@y.x-_, role: \"arn:aws:iam::123456789012:role/r\", "
            + "region: "
            + "us-gov-west-1, id-field: id, secret-field: 'a\\.b', delete-after: 12h }\n    targets: [ { workspace: true, variable: A, "
            + "field: id } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: issued }\n    backend: { kind: entra-application-secret, application: 0C9D8B7A-6f5e-4d3c-9b2a-1f0e9d8c7b6a, tenant: "
            + "acme.onmicrosoft.com, lifetime: P1Y, id-field: id, secret-field: s }\n    targets: [ { workspace: true, variable: A, "
            + "field: id } ]")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ workspace: true, variable: _a1, create: true }")]
    [InlineData(
        "{ repository: payments-api, variable: DB_PASSWORD }",
        "{ repository: A.b_c-d, environment: \"Live 1\", variable: A, create: FALSE }")]
    public void What_the_parser_accepts_the_schema_accepts(string before, string after) =>
        (Read(With(before, after)).Problems.Length, RotationSchema.Accepts(With(before, after))).Should().Be((0, true));

    [Fact]
    public void The_sample_at_the_root_suits_the_schema() =>
        RotationSchema.Accepts(File.ReadAllText(RepositoryFiles.Sample)).Should().BeTrue();

    [Theory]
    [InlineData("version: 1", "version: 2")]
    [InlineData("version: 1", "version: \"1\"")]
    [InlineData("version: 1", "# none")]
    [InlineData("version: 1", "version: 1\nfoo: 1")]
    [InlineData("home: acme/secret-rotator", "home: secret-rotator")]
    [InlineData("home: acme/secret-rotator", "home: ../secret-rotator")]
    [InlineData("home: acme/secret-rotator", "home: acme/secret-rotator, credential: hunter2")]
    [InlineData("workspace: acme,", "workspace: \"..\",")]
    [InlineData("  azure: {", "  Azure: {")]
    [InlineData("region: eu-west-1", "region: europe")]
    [InlineData("region: eu-west-1", "region: eu-west-1, role: rotator")]
    [InlineData("kind: aws-secrets-manager", "kind: gcp")]
    [InlineData("https://acme-prod.vault.azure.net/", "http://acme-prod.vault.azure.net/")]
    [InlineData("{ minimum-interval: 10m }", "{ rotations-per-run: 0 }")]
    [InlineData("{ minimum-interval: 10m }", "{ rotations-per-run: 10001 }")]
    [InlineData("{ minimum-interval: 10m }", "{ failures-before-stop: 0 }")]
    [InlineData("{ minimum-interval: 10m }", "{ bitbucket-calls-per-hour: 1.5 }")]
    [InlineData("{ minimum-interval: 10m }", "{ share-of-inventory: 0% }")]
    [InlineData("{ minimum-interval: 10m }", "{ share-of-inventory: 0.5 }")]
    [InlineData("{ minimum-interval: 10m }", "{ share-of-inventory: 100.1% }")]
    [InlineData("{ minimum-interval: 10m }", "{ minimum-interval: P1M }")]
    [InlineData("{ minimum-interval: 10m }", "{ claim-limit: 30s }")]
    [InlineData("{ minimum-interval: 10m }", "")]
    [InlineData("zone: Europe/Berlin, reason: year end", "zone: Europe/Berlin")]
    [InlineData("from: 2026-12-20T00:00", "from: 2026-12-20")]
    [InlineData("from: 2026-12-20T00:00", "from: 1926-12-20T00:00")]
    [InlineData("version: 1", "version: 1\ncontrols: []")]
    [InlineData("version: 1", "version: 1\ncontrols: {}")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { title: Some, facts: [age] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: 8.6, title: Some, facts: [age] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, facts: [age] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some, facts: [] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some, facts: [age, age] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some, facts: [Age] } ]")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some, facts: [age], met: true } ]")]
    [InlineData("version: 1", "version: 1\nheartbeat: https://hc-ping.com/0a1b")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: slack, url: \"https://hooks.slack.com/services/T0/B0/x\" } ]")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: webhook, url: vault://prod/a } ]")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: teams, url: vault://prod/a, on: [fails] } ]")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: email, server: x, from: a@b, to: [c] } ]")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: email, server: x, from: a@b, to: [c@d], user: u } ]")]
    [InlineData("version: 1", "version: 1\nnotify: [ { name: a, kind: bitbucket-pull-request, pull-request: 0 } ]")]
    [InlineData("from: \"01:00\"", "from: \"24:00\"")]
    [InlineData("to: \"05:00\"", "to: \"5:00\"")]
    [InlineData("days: [mon]", "days: []")]
    [InlineData("days: [mon]", "days: [mon, mon]")]
    [InlineData("days: [mon]", "days: [monday]")]
    [InlineData("  rotate-every: 30d", "  rotate-every: 30 days")]
    [InlineData("  rotate-every: 30d", "  rotate-every: P")]
    [InlineData("  rotate-every: 30d", "  rotate-every: P1DT")]
    [InlineData("  rotate-every: 30d", "  rotate-every: 30")]
    [InlineData("owner: team@acme.example", "owner: 12")]
    [InlineData("owner: team@acme.example", "owner: \"  \"")]
    [InlineData("owner: team@acme.example", "owner:")]
    [InlineData("name: payments-db", "name: Payments")]
    [InlineData("    vault: prod\n", "")]
    [InlineData("path: prod/payments/db", "path: prod payments")]
    [InlineData("{ kind: password }", "hunter2")]
    [InlineData("{ kind: password }", "{ kind: pasword }")]
    [InlineData("{ kind: password }", "{ length: 40 }")]
    [InlineData("{ kind: password }", "{ kind: password, length: 0 }")]
    [InlineData("{ kind: password }", "{ kind: password, length: 1025 }")]
    [InlineData("{ kind: password }", "{ kind: password, classes: [] }")]
    [InlineData("{ kind: password }", "{ kind: password, classes: [digit, digit] }")]
    [InlineData("{ kind: password }", "{ kind: password, exclude: \"ä\" }")]
    [InlineData("{ kind: password }", "{ kind: password, bytes: 32 }")]
    [InlineData("{ kind: password }", "{ kind: hex, bytes: 1025 }")]
    [InlineData(
        ValueAndTarget, "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { workspace: true, ssh-key-pair: true } ]")]
    [InlineData(
        ValueAndTarget, "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, ssh-key-pair: false } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, variable: A, ssh-key-pair: true, field: b } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, ssh-key-pair: true, verify: listed } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, ssh-key-pair: true, encoding: base64 } ]")]
    [InlineData(
        ValueAndTarget,
        "{ kind: ssh-key, field: a, public-field: b }\n    targets: [ { repository: app, environment: x, ssh-key-pair: true } ]")]
    [InlineData("{ kind: password }", "{ kind: ssh-key, field: a }")]
    [InlineData("{ kind: password }", "{ kind: ssh-key, algorithm: dsa, field: a, public-field: b }")]
    [InlineData("{ kind: password }", "{ kind: ssh-key, bits: 4096, field: a, public-field: b }")]
    [InlineData("{ kind: password }", "{ kind: ssh-key, algorithm: rsa, bits: 2048, field: a, public-field: b }")]
    [InlineData("{ kind: password }", "{ kind: ssh-key, algorithm: rsa, bits: 4097, field: a, public-field: b }")]
    [InlineData("{ kind: password }", "{ kind: vault-managed, field: a }")]
    [InlineData("{ kind: password }", "[ { kind: vault-managed } ]")]
    [InlineData(ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: reddis }" + Target)]
    [InlineData(ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, users: [a] }" + Target)]
    [InlineData(ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: hunter2, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: vault://prod/a, users: [] }" + Target)]
    [InlineData(
        ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: vault://prod/a, users: [a, a] }" + Target)]
    [InlineData(
        ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: vault://prod/a, users: [a b] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: vault://prod/a, users: [a, b, c] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: ssh-key, field: a, public-field: b }\n    backend: { kind: bitbucket-deploy-key, repository: app }\n"
            + "    targets: [ { workspace: true, variable: A, encoding: base64 } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, users: [a], admin: vault://prod/a }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, server: \"a:b\", overlap: none }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, server: x, overlap: some }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mysql, server: x, admin: hunter2, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mysql, server: x, admin: vault://prod/a, users: [a, b, c] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mysql, server: x, admin: vault://prod/a, users: [a, a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, users: [a, b] }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, admin: vault://prod/a, users: [a] }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, admin: vault://prod/a, users: [a, a] }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, admin: hunter2, users: [a, b] }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, overlap: none, users: [a, b], admin: "
            + "vault://prod/a }\n    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, overlap: some }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, overlap: none }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: issued }\n    backend: { kind: program, command: [x], identity-field: id, family: issue, slots: [a, b] }\n" + Carrier)]
    [InlineData("{ kind: password }", "[ { kind: password } ]")]
    [InlineData("{ kind: password }", "[]")]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key, user: two words }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key, user: a, role: admin }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key, user: a, region: europe }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key, user: a, id-field: a.b }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: aws-access-key, user: a, delete-after: P1M }\n" + Carrier)]
    [InlineData(ValueToConsumer, "{ kind: issued }\n    backend: { kind: entra-application-secret, application: my-app }\n" + Carrier)]
    [InlineData(
        ValueToConsumer,
        "{ kind: issued }\n    backend: { kind: entra-application-secret, application: 0c9d8b7a-6f5e-4d3c-9b2a-1f0e9d8c7b6a, "
            + "delete-after: 1d }\n"
            + Carrier)]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ workspace: true, repository: a, variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ workspace: true, environment: a, variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ workspace: false, variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ workspace: \"true\", variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: acme/a, variable: A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: 1A }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: Bitbucket_X }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: SECRET_ROTATOR_CLAIM_X }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: secret_rotator_schedule_x }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: Secret_Rotator_Attest_X }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: A, verify: proven }")]
    [InlineData("version: 1", "version: 1\nattestation: { branch: main }")]
    [InlineData("version: 1", "version: 1\nattestation: { pipeline: a b }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a, variable: A, create: yes }")]
    [InlineData("{ repository: payments-api, variable: DB_PASSWORD }", "{ repository: a }")]
    [InlineData(ValueAndTarget, "{ kind: hex, field: a }\n    targets: [ { workspace: true, variable: A, field: a, whole: true } ]")]
    [InlineData(ValueAndTarget, "{ kind: hex, field: a }\n    targets: [ { workspace: true, variable: A, whole: false } ]")]
    public void What_the_schema_refuses_the_parser_refuses(string before, string after) =>
        (Read(With(before, after)).Problems.IsEmpty, RotationSchema.Accepts(With(before, after))).Should().Be((false, false));

    [Theory]
    [InlineData("    vault: prod", "    vault: plant")]
    [InlineData("  owner: team@acme.example\n", "")]
    [InlineData("{ kind: password }", "{ kind: uuid }")]
    [InlineData(ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: bitbucket-deploy-key, repository: acme/app }" + Target)]
    [InlineData(ValueToConsumer, "{ kind: hex }\n    backend: { kind: redis, server: x, admin: vault://prod/a, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer, "{ kind: hex, field: a }\n    backend: { kind: redis, server: x, admin: vault://other/a, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: redis, server: \"x:0\", admin: vault://prod/a, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mysql, server: \"x:0\", admin: vault://prod/a, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mysql, server: x, overlap: none }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, server: x, users: [a, b] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, server: x }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex, field: a }\n    backend: { kind: mariadb, server: x, admin: vault://prod/a, users: [a, b], overlap: none }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex }\n    backend: { kind: mariadb, server: x, admin: vault://prod/a, users: [a] }" + Target)]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: \"x:0\", database: d, overlap: none }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: password, field: pw }\n    backend: { kind: postgresql, server: x, database: d, admin: vault://other/a, users: [a, b] }\n"
            + "    targets: [ { workspace: true, variable: A, whole: true } ]")]
    [InlineData(
        ValueToConsumer,
        "{ kind: hex }\n    backend: { kind: postgresql, server: x, database: d, overlap: none }\n"
            + "    targets: [ { workspace: true, variable: A } ]")]
    [InlineData("zone: Europe/Berlin }\nsecrets", "zone: Mars/Olympus }\nsecrets")]
    [InlineData("to: \"05:00\"", "to: \"01:00\"")]
    [InlineData("variable: DB_PASSWORD", "variable: DB_PASSWORD, verify: attested")]
    [InlineData("version: 1", "version: 1\nattestation: { pipeline: a, limit: 2h }")]
    [InlineData("version: 1", "version: 1\ncontrols: [ { id: A, title: Some, facts: [age] }, { id: a, title: Same, facts: [age] } ]")]
    public void Only_the_parser_sees_what_no_schema_can_say(string before, string after) =>
        (Read(With(before, after)).Problems.IsEmpty, RotationSchema.Accepts(With(before, after))).Should().Be((false, true));

    [Fact]
    public void Whatever_the_parser_accepts_of_a_mutated_sample_the_schema_accepts()
    {
        var accepted = 0;
        InventoryMutations.OfSample.Sample(
            yaml =>
            {
                var isRight = Read(yaml).Problems.IsEmpty;
                accepted += isRight ? 1 : 0;
                return !isRight || RotationSchema.Accepts(yaml) == true;
            },
            iter: 1_000,
            threads: 1);

        accepted.Should().BeGreaterThan(10, "the property says nothing where every mutation is refused");
    }

    private static KeyTable Table(string schema) => All.Single(table => table.Schema == schema);

    private static JsonObject Definition(string schema) =>
        schema.Length == 0 ? RotationSchema.Root : RotationSchema.Evaluator.Resolve("#/$defs/" + schema);

    private static JsonObject Properties(string schema) => Definition(schema)["properties"]!.AsObject();

    private static IEnumerable<string> Words(string definition) =>
        Definition(definition)["enum"]!.AsArray().Select(word => word!.GetValue<string>());

    private static IEnumerable<string> Enum(string definition, string property) =>
        Properties(definition)[property]!["enum"]!.AsArray().Select(word => word!.GetValue<string>());

    private static IEnumerable<string> Choices(JsonObject schema) =>
        schema["oneOf"]!.AsArray().Select(choice => choice!["$ref"]!.GetValue<string>().Split('/')[^1]);

    private static JsonNode? Described(JsonObject schema) =>
        schema["description"]
            ?? (schema["$ref"] is { } reference ? Described(RotationSchema.Evaluator.Resolve(reference.GetValue<string>())) : null);
}
