using Amazon.Runtime;
using Amazon.SecretsManager;
using NodaTime.Testing;
using SecretRotator.Providers.Aws;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Conversations with Secrets Manager and STS.</summary>
internal static class AwsTargets
{
    private const string Path = "prod/db";
    private const string Base = "aaaaaaaa-0000-4000-8000-000000000001";
    private const string New = "aaaaaaaa-0000-4000-8000-000000000002";
    private const string Arn = """
        "ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3","Name":"prod/db"
        """;

    private const string Description = $$"""
        {{{Arn}},"CreatedDate":1.7E9,"LastChangedDate":1700000000.123,"OwningService":null,"RotationEnabled":false,"RotationRules":{"AutomaticallyAfterDays":30},
        "Tags":[{"Key":"secret-rotator:delivered","Value":"v={{Base}} since=2026-11-23T01:02:03.456Z at=2026-11-23T01:02:03.456Z targets=0123456789abcdef level=listed rotation={{Base}}"}],"VersionIdsToStages":{"{{Base}}":["AWSCURRENT"],"{{New}}":["AWSPENDING","AWSPREVIOUS"] } }
        """;

    private const string Assumed = """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>KEY</SecretAccessKey><SessionToken>TOKEN</SessionToken><Expiration>2036-11-23T12:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
        """;

    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);
    private static readonly Holder Self = new Holder.Process("0123456789abcdef", 1, 2, "me");

    private static readonly ImmutableArray<string> Trouble =
    [
        """400""" + "\n\n" + """{"__type":"ResourceNotFoundException","Message":"not there"}""",
        """400""" + "\n\n" + """{"__type":"com.amazonaws.secretsmanager#InvalidParameterException:","message":"no"}""",
        "500\nx-amzn-ErrorType: InternalServiceError\n\n", "302\nLocation: https://elsewhere.test/\n\n", "200\n\n<html>", "200\n\n{}",
        "200\n\n[]", "200\n\n", "drop", "cut\n\n{\"ARN\":\"", "503\n\n", "204\n\n",
    ];

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new("aws-describe", [$"200\nx-amzn-RequestId: 1\n\n{Description}", .. Trouble], input => Converse(input, async vault =>
        {
            var description = await vault.DescribeAsync(Path, CancellationToken.None);
            if (string.IsNullOrEmpty(description.Current.Value))
                throw new BrokenPromiseException("A secret without a current version was described.");
        })),
        new(
            "aws-read",
            [$$"""200{{"\n\n"}}{{{Arn}},"VersionId":"{{Base}}","SecretString":"{{Canary.Received}}","VersionStages":["AWSCURRENT"],"CreatedDate":1.7E9}""", .. Trouble],
            input => Converse(input, async vault =>
            {
                using var version = await vault.ReadAsync(Path, new(Base), CancellationToken.None);
                if (version.Id.Value != Base)
                    throw new BrokenPromiseException("Another version's value was taken for the one that was asked for.");
            })),
        new(
            "aws-put",
            [$$"""200{{"\n\n"}}{{{Arn}},"VersionId":"{{New}}","VersionStages":["x"]}""", .. Trouble],
            input => Write(input, async calls =>
            {
                using var value = SecretValue.FromText(Canary.Sent);
                await calls.PutAsync(Path, New, value, ["secret-rotator:x"], CancellationToken.None);
            })),
        new("aws-move",
            [$"200\n\n{{{Arn}}}", .. Trouble],
            input => Write(input, calls => calls.MoveAsync(Path, "AWSCURRENT", New, Base, CancellationToken.None))),
        new("aws-tag",
            ["200\n\n", .. Trouble], input => Write(input, calls => calls.TagAsync(Path, [("key", "value")], CancellationToken.None))),
        new(
            "aws-claim",
            [
                $$"""200{{"\n\n"}}{{{Arn}},"VersionId":"{{New}}"}""" + $"\n%%\n200\n\n{{{Arn}}}",
                .. Trouble.Select(t => $$"""200{{"\n\n"}}{{{Arn}},"VersionId":"{{New}}"}""" + $"\n%%\n{t}\n%%\n200\n\n{Description}"),
            ],
            input => Converse(input, async vault =>
            {
                using var value = SecretValue.FromText(Canary.Sent);
                await vault.ClaimAsync(
                    Path, new ClaimRequest(new(New), new(Base), Self, Noon, value, null) { Lease =
                        new(new FakeClock(Noon), Noon + Duration.FromHours(1)) }, CancellationToken.None);
            })),
        new(
            "sts",
            [
                $"200\n\n{Assumed}\n%%\n200\n\n{Description}",
                "400\n\n<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
                .. Trouble,
            ],
            input =>
                Converse(
                    input, vault => vault.DescribeAsync(Path, CancellationToken.None), role: "arn:aws:iam::123456789012:role/rotator")),
    ];

    private static bool Converse(byte[] input, Func<ISecretVault, Task> converse, string? role = null)
    {
        using var factory = new AwsVaultFactory(
            Settings(), () => new ScriptedService(input), new FakeClock(Noon), new SystemRandom(), new SkippingTime());
        return Judge(input, () => converse(factory.Create(new AwsVaultDefinition("prod", "eu-west-1", role)))) is null;
    }

    private static bool Write(byte[] input, Func<SecretsManagerCalls, Task> call)
    {
        var service = new ScriptedService(input);
        using var identity = new AwsIdentity(Settings(), () => service);
        using var client = new AmazonSecretsManagerClient(
            new BasicAWSCredentials("AKID", "KEY"),
            identity.Configure(new AmazonSecretsManagerConfig(), "eu-west-1", Settings().SecretsManagerEndpoint));
        var failure = Judge(input, () => call(new SecretsManagerCalls(client, new SystemRandom(), new SkippingTime())));
        if (failure?.Effect == Effect.Rejected && service.Exchanges.Any(e => ScriptedService.LeavesOpen(e.Status) && e.Status != 0))
            throw new BrokenPromiseException("What may have been done is called refused.");
        if (failure is null && service.Exchanges[^1].Status is < 200 or > 299)
            throw new BrokenPromiseException("What was refused is called done.");
        return failure is null;
    }

    private static RemoteFailureException? Judge(byte[] input, Func<Task> converse)
    {
        try
        {
            converse().GetAwaiter().GetResult();
            return null;
        }
        catch (RemoteFailureException failure)
        {
            Canary.MustNotBeIn(failure, input);
            return failure;
        }
    }

    private static AwsSettings Settings() => new()
    {
        SessionName = "tests",
        Keys = new AwsKeys("AKID", SecretValue.FromText(Canary.Sent), null),
        StepToken = SecretValue.FromText(Canary.Sent),
        SecretsManagerEndpoint = new Uri("http://127.0.0.1:1/"),
        StsEndpoint = new Uri("http://127.0.0.1:2/"),
        Timeout = TimeSpan.FromSeconds(30),
        Retries = 0,
    };
}
