using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>The calls of Secrets Manager that a rotation is made of, failing in one way only: with a
/// <see cref="RemoteFailureException"/>.</summary>
/// <remarks>
/// <para>They are repeated here and not by Amazon's client, which doesn't tell that it did: where a first try took effect
/// without an answer and the second one was refused, "refused" would be taken for "nothing happened". Every call may be
/// repeated: puts and rotations are told apart by their token, a label's move names where it expects the label, and
/// tagging sets a state.</para>
/// <para>Another server that answers "200 OK" must not be taken for the service: an answer has to name what was
/// asked for.</para>
/// </remarks>
/// <param name="client">Amazon's client; it must not repeat calls by itself.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
/// <param name="lease">Asked before every try of a change, or null.</param>
internal sealed class SecretsManagerCalls(IAmazonSecretsManager client, IRandomSource random, TimeProvider time, Lease? lease = null)
{
    private const string Service = "aws-secrets-manager";

    // A secret has about 100 versions at most; more pages than that would hold are a service that leads in circles.
    private const int PageSize = 100;
    private const int MostPages = 20;

    private readonly AwsTries _tries = new(random, time);

    /// <summary>The same calls under a claim's lease.</summary>
    public SecretsManagerCalls Under(Lease lease) => new(client, random, time, lease);

    /// <summary>Describes a secret. A description that can't be true is a failed look: nothing may be concluded from it.</summary>
    public async Task<DescribeSecretResponse> DescribeAsync(string path, CancellationToken cancellation)
    {
        var answer = await RunAsync(
            () => client.DescribeSecretAsync(new DescribeSecretRequest { SecretId = path }, cancellation), $"describing {path}", path,
            writes: false, cancellation,
            answer => answer.ARN is not null && (answer.VersionIdsToStages ?? []).All(version => version.Value?.Contains(null!) is false));
        return StagingLabels.WhyUnclear(answer) is not { } why ? answer : throw new RemoteFailureException(
            FailureKind.Garbled, Effect.Rejected, $"AWS Secrets Manager describes {path} as it can't be: {why}.",
            $"{MarkText.MayBeNewer}Look at it (aws secretsmanager list-secret-version-ids --secret-id {path}). A label that is wrong comes "
                + $"off with aws secretsmanager update-secret-version-stage --secret-id {path} --version-stage LABEL "
                + "--remove-from-version-id VERSION.")
                    .At(Service, path);
    }

    /// <summary>Reads a version by its id, never by a label: a label may move between two calls.</summary>
    public Task<GetSecretValueResponse> ReadAsync(string path, string version, CancellationToken cancellation) =>
        RunAsync(
            () => client.GetSecretValueAsync(new GetSecretValueRequest { SecretId = path, VersionId = version }, cancellation),
            $"reading version {version} of {path}",
            path,
            writes: false,
            cancellation,
                answer => answer.VersionId == version);

    /// <summary>Every version, those without a label too.</summary>
    public async Task<ImmutableArray<SecretVersionsListEntry>> ListVersionsAsync(string path, CancellationToken cancellation)
    {
        var versions = ImmutableArray.CreateBuilder<SecretVersionsListEntry>();
        string? page = null;
        for (var pages = 0; pages < MostPages; pages++)
        {
            var request = new ListSecretVersionIdsRequest
            {
                SecretId = path,
                IncludeDeprecated = true,
                MaxResults = PageSize,
                NextToken = page,
            };
            var answer = await RunAsync(
                () => client.ListSecretVersionIdsAsync(request, cancellation),
                $"listing the versions of {path}",
                path,
                writes: false,
                cancellation,
                    answer => answer.ARN is not null && (answer.Versions ?? []).All(version => version is { VersionId.Length: > 0 }));
            versions.AddRange(answer.Versions ?? []);
            page = answer.NextToken;
            if (string.IsNullOrEmpty(page))
                return versions.ToImmutable();
        }

        throw AwsFailures.Garbled($"listing the versions of {path}", writes: false).At(Service, path);
    }

    /// <summary>Adds a version with those labels.</summary>
    public Task PutAsync(string path, string version, SecretValue value, IEnumerable<string> labels, CancellationToken cancellation)
    {
#pragma warning disable RS0030 // The vault is where the value must go, and the SDK takes text.
        var request = new PutSecretValueRequest
        {
            SecretId = path,
            ClientRequestToken = version,
            SecretString = value.RevealText(),
            VersionStages = [.. labels],
        };
#pragma warning restore RS0030
        return RunAsync(
            () => client.PutSecretValueAsync(request, cancellation), $"staging a version of {path}", path, writes: true, cancellation,
            answer => answer.VersionId == version);
    }

    /// <summary>Attaches, moves or takes off a label. A conflict means that it isn't where the call expects it.</summary>
    public Task MoveAsync(string path, string label, string? to, string? from, CancellationToken cancellation) =>
        RunAsync(
            () => client.UpdateSecretVersionStageAsync(
                new UpdateSecretVersionStageRequest
                {
                    SecretId = path,
                    VersionStage = label,
                    MoveToVersionId = to,
                    RemoveFromVersionId = from,
                }, cancellation),
            $"moving a staging label of {path}", path, writes: true, cancellation, answer => answer.ARN is not null);

    /// <summary>Takes a label off a version. Done already, or by someone else, counts as done.</summary>
    public async Task TakeOffAsync(string path, string label, string version, CancellationToken cancellation)
    {
        try
        {
            await MoveAsync(path, label, null, version, cancellation);
        }
        catch (RemoteFailureException gone) when (gone.InnerException is InvalidParameterException or ResourceNotFoundException)
        {
        }
    }

    /// <summary>The same for a label that holds nothing: if it stays, the next holder removes it.</summary>
    public async Task TryTakeOffAsync(string path, string label, string version, CancellationToken cancellation)
    {
        try
        {
            await TakeOffAsync(path, label, version, cancellation);
        }
        catch (RemoteFailureException)
        {
        }
    }

    /// <summary>Sets tags, all or none.</summary>
    public Task TagAsync(string path, IEnumerable<(string Key, string Value)> tags, CancellationToken cancellation) =>
        RunAsync(
            () => client.TagResourceAsync(
                new TagResourceRequest { SecretId = path, Tags = [.. tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })] },
                cancellation), $"tagging {path}", path, writes: true, cancellation);

    public Task RotateAsync(string path, string token, CancellationToken cancellation) =>
        RunAsync(
            () => client.RotateSecretAsync(
                new RotateSecretRequest { SecretId = path, ClientRequestToken = token, RotateImmediately = true }, cancellation),
            $"asking for a rotation of {path}", path, writes: true, cancellation, answer => answer.ARN is not null);

    private Task<T> RunAsync<T>(
        Func<Task<T>> call, string act, string path, bool writes, CancellationToken cancellation, Func<T, bool>? isAnswer = null) =>
        _tries.RunAsync(
            call,
            failure => AwsFailures.Of(failure, act, path, writes).At(Service, path),
            () => AwsFailures.Garbled(act, writes).At(Service, path),
            cancellation,
            isAnswer,
            writes ? lease : null);
}
