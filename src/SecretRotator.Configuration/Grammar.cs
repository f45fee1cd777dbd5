using SecretRotator.Audit;
using SecretRotator.Notifications;

namespace SecretRotator.Configuration;

/// <summary>
/// Every key and every word that <c>rotation.yaml</c> may hold, but those of one kind of vault (<see cref="IVaultGrammar"/>). A new one is
/// added here, or to the enumeration whose members the words are, in <c>schemas/rotation.schema.json</c> and in
/// <c>docs/inventory.md</c>; tests compare the three.
/// </summary>
internal static class Grammar
{
    // The file itself.
    public static readonly Key Version = new("version", "version: 1", Required: true);
    public static readonly Key Bitbucket = new("bitbucket", "bitbucket: { workspace: acme, home: acme/secret-rotator }", Required: true);
    public static readonly Key Vaults = new("vaults", "vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }", Required: true);
    public static readonly Key Limits = new("limits", "limits: { rotations-per-run: 25 }");
    public static readonly Key Freezes = new(
        "freezes", "freezes: [ { from: 2026-12-20T00:00, to: 2027-01-04T00:00, zone: Europe/Berlin, reason: year-end close } ]");
    public static readonly Key Defaults = new("defaults", "defaults: { owner: platform@acme.example, rotate-every: 30d }");
    public static readonly Key Secrets = new("secrets", "secrets: [ { name: payments-db, vault: prod, path: prod/payments/db, ... } ]");
    public static readonly Key Include = new("include", "include: [teams/payments.yaml, teams/grid-*.yaml]");
    public static readonly Key Evidence = new("evidence", "evidence: { signing-key: vault://prod/audit/signing-key }");
    public static readonly Key Controls = new(
        "controls", "controls: [ { id: PCI DSS 4.0 8.6.3, title: Passwords change periodically, facts: [age, period] } ]");
    public static readonly Key Attestation = new("attestation", "attestation: { pipeline: attest-secrets }");
    public static readonly Key Notify = new(
        "notify", "notify: [ { name: on-call, kind: slack, url: \"vault://prod/ci/notifications#slack\" } ]");
    public static readonly Key Heartbeat = new("heartbeat", "heartbeat: \"vault://prod/ci/notifications#heartbeat\"");
    public static readonly KeyTable Inventory = new(
        "an inventory", "", Version, Bitbucket, Vaults, Limits, Freezes, Evidence, Controls, Attestation, Notify, Heartbeat, Defaults,
        Include, Secrets);
    public static readonly Key IncludedSecrets = new(Secrets.Name, Secrets.Example, Required: true);
    public static readonly KeyTable Included = new("an included file", "included", Version, Defaults, IncludedSecrets);

    public static readonly Key Workspace = new("workspace", "workspace: acme", Required: true);
    public static readonly Key Home = new("home", "home: acme/secret-rotator", Required: true);
    public static readonly Key Credential = new("credential", "credential: vault://prod/ci/bitbucket-token");
    public static readonly KeyTable BitbucketKeys = new("\"bitbucket\"", "bitbucket", Workspace, Home, Credential);

    public static readonly Key SigningKey = new("signing-key", "signing-key: vault://prod/audit/signing-key", Required: true);
    public static readonly KeyTable EvidenceKeys = new("\"evidence\"", "evidence", SigningKey);

    public static readonly Key AttestationPipeline = new("pipeline", "pipeline: attest-secrets", Required: true);
    public static readonly Key AttestationBranch = new("branch", "branch: main");
    public static readonly Key AttestationLimit = new("limit", "limit: 15m");
    public static readonly Key AttestationRepository = new("repository", "repository: payments-api");
    public static readonly KeyTable AttestationKeys = new(
        "\"attestation\"", "attestation", AttestationPipeline, AttestationBranch, AttestationLimit, AttestationRepository);
    public static readonly Key Verify = new("verify", "verify: attested");
    public static readonly WordTable<VerificationLevel> VerifyWords = new(
        "a way to verify", ("listed", VerificationLevel.Listed), ("attested", VerificationLevel.Attested));

    public static readonly Key ControlId = new("id", "id: PCI DSS 4.0 8.6.3", Required: true);
    public static readonly Key ControlTitle = new("title", "title: Passwords change periodically", Required: true);
    public static readonly Key Facts = new("facts", "facts: [age, period]", Required: true);
    public static readonly KeyTable ControlKeys = new("a control", "control", ControlId, ControlTitle, Facts);
    public static readonly WordTable<ControlFact> FactWords = new(
        "a fact of a report",
        ("age", ControlFact.Age),
        ("period", ControlFact.Period),
        ("strength", ControlFact.Strength),
        ("protection", ControlFact.Protection),
        ("history", ControlFact.History),
        ("verification", ControlFact.Verification),
        ("exceptions", ControlFact.Exceptions),
        ("coverage", ControlFact.Coverage),
        ("ownership", ControlFact.Ownership),
        ("integrity", ControlFact.Integrity));

    // Who is told of a run.
    public static readonly Key ReceiverName = new("name", "name: on-call", Required: true);
    public static readonly Key ReceiverKindKey = new("kind", "kind: slack", Required: true);
    public static readonly Key On = new("on", "on: [failed, needs-operator]");
    public static readonly Key ReceiverUrl = new("url", "url: \"vault://prod/ci/notifications#slack\"", Required: true);
    public static readonly Key WebhookKey = new("key", "key: \"vault://prod/ci/notifications#webhook-key\"", Required: true);
    public static readonly Key MailServer = new("server", "server: \"smtp.acme.example:465\"", Required: true);
    public static readonly Key MailTls = new("tls", "tls: starttls");
    public static readonly Key MailFrom = new("from", "from: secret-rotator@acme.example", Required: true);
    public static readonly Key MailTo = new("to", "to: [platform@acme.example]", Required: true);
    public static readonly Key MailUser = new("user", "user: secret-rotator@acme.example");
    public static readonly Key MailPassword = new("password", "password: \"vault://prod/ci/notifications#smtp\"");
    public static readonly Key ReceiverRepository = new("repository", "repository: secret-rotator");
    public static readonly Key PullRequest = new("pull-request", "pull-request: 7", Required: true);
    public static readonly KeyTable WebhookReceiver = new(
        "a webhook receiver", "webhook", ReceiverName, ReceiverKindKey, On, ReceiverUrl, WebhookKey);
    public static readonly KeyTable SlackReceiver = new("a slack receiver", "slack", ReceiverName, ReceiverKindKey, On, ReceiverUrl);
    public static readonly KeyTable TeamsReceiver = new("a teams receiver", "teams", ReceiverName, ReceiverKindKey, On, ReceiverUrl);
    public static readonly KeyTable EmailReceiver = new(
        "an email receiver", "email", ReceiverName, ReceiverKindKey, On, MailServer, MailTls, MailFrom, MailTo, MailUser, MailPassword);
    public static readonly KeyTable PullRequestReceiver = new(
        "a bitbucket-pull-request receiver", "bitbucket-pull-request", ReceiverName, ReceiverKindKey, On, ReceiverRepository, PullRequest);
    public static readonly WordTable<KeyTable> ReceiverKinds = WordTable.OfKinds(
        "a kind of receiver", WebhookReceiver, SlackReceiver, TeamsReceiver, EmailReceiver, PullRequestReceiver);
    public static readonly WordTable<NotificationEvent> EventWords = WordTable.Of<NotificationEvent>("what a receiver is told of");
    public static readonly WordTable<bool> MailTlsWords = new("a way to begin TLS", ("implicit", true), ("starttls", false));

    // Vaults.
    public static readonly Key VaultKindKey = new("kind", "kind: aws-secrets-manager", Required: true);

    // What a run may do, and when.
    public static readonly Key RotationsPerRun = new("rotations-per-run", "rotations-per-run: 25");
    public static readonly Key ShareOfInventory = new("share-of-inventory", "share-of-inventory: 50%");
    public static readonly Key FailuresBeforeStop = new("failures-before-stop", "failures-before-stop: 3");
    public static readonly Key BitbucketCallsPerHour = new("bitbucket-calls-per-hour", "bitbucket-calls-per-hour: 900");
    public static readonly Key MinimumInterval = new("minimum-interval", "minimum-interval: 10m");
    public static readonly Key ClaimLimit = new("claim-limit", "claim-limit: 2h");
    public static readonly KeyTable LimitsKeys = new(
        "\"limits\"", "limits", RotationsPerRun, ShareOfInventory, FailuresBeforeStop, BitbucketCallsPerHour, MinimumInterval, ClaimLimit);

    public static readonly Key FreezeFrom = new("from", "from: 2026-12-20T00:00", Required: true);
    public static readonly Key FreezeTo = new("to", "to: 2027-01-04T00:00", Required: true);
    public static readonly Key Zone = new("zone", "zone: Europe/Berlin", Required: true);
    public static readonly Key Reason = new("reason", "reason: year-end close", Required: true);
    public static readonly KeyTable FreezeKeys = new("a freeze", "freeze", FreezeFrom, FreezeTo, Zone, Reason);

    public static readonly Key Days = new("days", "days: [mon, tue, wed, thu]", Required: true);
    public static readonly Key WindowFrom = new("from", "from: \"01:00\"", Required: true);
    public static readonly Key WindowTo = new("to", "to: \"05:00\"", Required: true);
    public static readonly KeyTable WindowKeys = new("a window", "window", Days, WindowFrom, WindowTo, Zone);
    public const string AnyTime = "any";
    public const string EndOfDay = "24:00";
    public static readonly WordTable<IsoDayOfWeek> DayWords = new(
        "a day",
        ("mon", IsoDayOfWeek.Monday),
        ("tue", IsoDayOfWeek.Tuesday),
        ("wed", IsoDayOfWeek.Wednesday),
        ("thu", IsoDayOfWeek.Thursday),
        ("fri", IsoDayOfWeek.Friday),
        ("sat", IsoDayOfWeek.Saturday),
        ("sun", IsoDayOfWeek.Sunday));

    // Secrets.
    public static readonly Key Owner = new("owner", "owner: platform@acme.example");
    public static readonly Key RotateEvery = new("rotate-every", "rotate-every: 30d");
    public static readonly Key Window = new("window", "window: { days: [mon, tue], from: \"01:00\", to: \"05:00\", zone: Europe/Berlin }");
    public static readonly Key Wait = new("wait", "wait: idle");
    public static readonly Key Grace = new("grace", "grace: { until: running-pipelines-finish, limit: 6h }");
    public static readonly KeyTable DefaultsKeys = new("\"defaults\"", "defaults", Owner, RotateEvery, Window, Wait, Grace, Verify);

    // Jobs in flight.
    public const string Idle = "idle";
    public const string None = "none";
    public const string PipelinesFinish = "running-pipelines-finish";
    public static readonly Key IdleLimit = new("idle", "idle: 24h", Required: true);
    public static readonly KeyTable WaitKeys = new("\"wait\"", "wait", IdleLimit);
    public static readonly Key GraceUntil = new("until", "until: running-pipelines-finish", Required: true);
    public static readonly Key GraceLimit = new("limit", "limit: 6h", Required: true);
    public static readonly KeyTable GraceKeys = new("\"grace\"", "grace", GraceUntil, GraceLimit);

    // Backends.
    public static readonly Key Backend = new("backend", "backend: { kind: postgresql, server: \"db.internal:5432\", ... }");
    public static readonly Key BackendKindKey = new("kind", "kind: postgresql", Required: true);
    public static readonly Key DeleteAfter = new("delete-after", "delete-after: 7d");
    public static readonly Key Overlap = new("overlap", "overlap: none");
    public static readonly Key Consumer = new("consumer", "consumer: reads-from-vault");
    public static readonly WordTable<ValueConsumer> ConsumerWords = new(
        "who takes a value", ("reads-from-vault", ValueConsumer.ReadsFromVault), ("by-hand", ValueConsumer.ByHand));

    // Holds.
    public static readonly Key Hold = new("hold", "hold: { until: 2026-12-05, reason: the new one is refused }");
    public static readonly Key HoldUntil = new("until", "until: 2026-12-05", Required: true);
    public static readonly Key HoldZone = new("zone", "zone: Europe/Berlin");
    public static readonly Key HoldReason = new("reason", "reason: the new one is refused", Required: true);
    public static readonly KeyTable HoldKeys = new("\"hold\"", "hold", HoldUntil, HoldZone, HoldReason);

    public static readonly Key SecretName = new("name", "name: payments-db", Required: true);
    public static readonly Key SecretVault = new("vault", "vault: prod", Required: true);
    public static readonly Key SecretPath = new("path", "path: prod/payments/db", Required: true);
    public static readonly Key Value = new("value", "value: { kind: password, length: 40 }", Required: true);
    public static readonly Key Targets = new("targets", "targets: [ { repository: payments-api, variable: DB_PASSWORD } ]", Required: true);
    public static readonly KeyTable SecretKeys = new(
        "a secret", "secret", SecretName, SecretVault, SecretPath, Owner, RotateEvery, Window, Wait, Grace, Hold, Verify, Value, Backend,
        Consumer,
        Targets);

    // Values.
    public static readonly Key ValueKindKey = new("kind", "kind: password", Required: true);
    public static readonly Key Field = new("field", "field: password");
    public static readonly Key WeakBecause = new("weak-because", "weak-because: the device takes no more than 12 characters");
    public static readonly Key Length = new("length", "length: 40");
    public static readonly Key Classes = new("classes", "classes: [lower, upper, digit]");
    public static readonly Key Exclude = new("exclude", "exclude: \"'/@\"");
    public static readonly Key Bytes = new("bytes", "bytes: 32");
    public static readonly Key Algorithm = new("algorithm", "algorithm: ed25519");
    public static readonly Key Bits = new("bits", "bits: 4096");
    public static readonly Key PrivateField = new("field", "field: private", Required: true);
    public static readonly Key PublicField = new("public-field", "public-field: public", Required: true);
    public static readonly Key Comment = new("comment", "comment: deploy@acme.example");
    public static readonly KeyTable PasswordValue = new(
        "a password value", "password", ValueKindKey, Field, Length, Classes, Exclude, WeakBecause);
    public static readonly KeyTable HexValue = new("a hex value", "hex", ValueKindKey, Field, Bytes, WeakBecause);
    public static readonly KeyTable Base64Value = new("a base64 value", "base64", ValueKindKey, Field, Bytes, WeakBecause);
    public static readonly KeyTable Base64UrlValue = new("a base64url value", "base64url", ValueKindKey, Field, Bytes, WeakBecause);
    public static readonly KeyTable UuidValue = new("a uuid value", "uuid", ValueKindKey, Field, WeakBecause);
    public static readonly KeyTable SshKeyValue = new(
        "an ssh-key value", "ssh-key", ValueKindKey, Algorithm, Bits, PrivateField, PublicField, Comment);
    public static readonly KeyTable VaultManagedValue = new("a vault-managed value", "vault-managed", ValueKindKey);
    public static readonly Key Instructions = new("instructions", "instructions: make one at Settings, Tokens", Required: true);
    public static readonly Key Expires = new("expires", "expires: 2027-03-01");
    public static readonly Key Remind = new("remind", "remind: 30d");
    public static readonly KeyTable ExternalValue = new("an external value", "external", ValueKindKey, Instructions, Expires, Remind);
    public static readonly KeyTable IssuedValue = new("an issued value", "issued", ValueKindKey);
    public static readonly WordTable<KeyTable> ValueKinds = WordTable.OfKinds(
        "a kind of value", PasswordValue, HexValue, Base64Value, Base64UrlValue, UuidValue, SshKeyValue, VaultManagedValue, IssuedValue,
        ExternalValue);

    public static readonly WordTable<CharacterClass> ClassWords = new(
        "a class of characters",
        ("lower", CharacterClass.Lower),
        ("upper", CharacterClass.Upper),
        ("digit", CharacterClass.Digit),
        ("symbol", CharacterClass.Symbol));

    public static readonly WordTable<SshKeyAlgorithm> AlgorithmWords = new(
        "an algorithm", ("ed25519", SshKeyAlgorithm.Ed25519), ("rsa", SshKeyAlgorithm.Rsa));

    // Targets.
    public static readonly Key InWorkspace = new("workspace", "workspace: true");
    public static readonly Key Repository = new("repository", "repository: payments-api");
    public static readonly Key Environment = new("environment", "environment: production");
    public static readonly Key Variable = new("variable", "variable: DB_PASSWORD");
    public static readonly Key SshKeyPair = new("ssh-key-pair", "ssh-key-pair: true");
    public static readonly Key TargetField = new("field", "field: password");
    public static readonly Key Whole = new("whole", "whole: true");
    public static readonly Key Encoding = new("encoding", "encoding: base64");
    public static readonly WordTable<TargetEncoding> EncodingWords = new("an encoding", ("base64", TargetEncoding.Base64));
    public static readonly Key Create = new("create", "create: true");
    public static readonly KeyTable TargetKeys = new(
        "a target", "target", InWorkspace, Repository, Environment, Variable, SshKeyPair, TargetField, Whole, Encoding, Create, Verify);

    /// <summary>How no target's key may begin, and whose variables do.</summary>
    public static readonly ImmutableArray<(string Prefix, string Whose)> ReservedVariables =
    [
        ("BITBUCKET_", "Bitbucket's own"),
        ("SECRET_ROTATOR_CLAIM_", "this tool's own claims"),
        ("SECRET_ROTATOR_SCHEDULE_", "this tool's own records of schedules"),
        ("SECRET_ROTATOR_ATTEST_", "this tool's own proofs"),
    ];
}
