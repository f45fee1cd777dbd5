using System.Net;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>
/// Amazon's client as the adapter sees it, over the sandbox's Secrets Manager without a socket in between.
/// </summary>
internal sealed class ModelSecretsManager(Machine machine) : IAmazonSecretsManager
{
    private static readonly Duration Patience = Duration.FromSeconds(30);

    private readonly Cloud _cloud = machine.Cloud;

    public IClientConfig Config => throw new NotSupportedException("The model has no configuration.");

    public async Task<DescribeSecretResponse> DescribeSecretAsync(
        DescribeSecretRequest request, CancellationToken cancellationToken = default)
    {
        var answer = await CallAsync("DescribeSecret", request.SecretId, [], call => call.Describe(), cancellationToken);
        return new DescribeSecretResponse
        {
            ARN = (string?)answer["ARN"],
            Name = (string?)answer["Name"],
            OwningService = (string?)answer["OwningService"],
            RotationEnabled = (bool?)answer["RotationEnabled"],
            DeletedDate = Time(answer["DeletedDate"]),
            Tags = answer["Tags"]?.AsArray().Select(tag => new Tag { Key = (string?)tag!["Key"], Value = (string?)tag["Value"] }).ToList(),
            VersionIdsToStages = answer["VersionIdsToStages"]?.AsObject()
                .ToDictionary(v => v.Key, v => v.Value!.AsArray().Select(stage => (string)stage!).ToList()),
        };
    }

    public async Task<GetSecretValueResponse> GetSecretValueAsync(
        GetSecretValueRequest request, CancellationToken cancellationToken = default)
    {
        var answer = await CallAsync(
            "GetSecretValue", request.SecretId, new() { ["VersionId"] = request.VersionId }, call => call.GetValue(), cancellationToken);
        return new GetSecretValueResponse
        {
            VersionId = (string?)answer["VersionId"],
            SecretString = (string?)answer["SecretString"],
            VersionStages = answer["VersionStages"]?.AsArray().Select(stage => (string)stage!).ToList(),
            CreatedDate = Time(answer["CreatedDate"]),
        };
    }

    public async Task<PutSecretValueResponse> PutSecretValueAsync(
        PutSecretValueRequest request, CancellationToken cancellationToken = default)
    {
        var input = new JsonObject
        {
            ["ClientRequestToken"] = request.ClientRequestToken,
            ["SecretString"] = request.SecretString,
            ["VersionStages"] = new JsonArray([.. request.VersionStages.Select(stage => (JsonNode)stage)]),
        };
        var answer = await CallAsync("PutSecretValue", request.SecretId, input, call => call.PutValue(), cancellationToken);
        return new PutSecretValueResponse { VersionId = (string?)answer["VersionId"] };
    }

    public async Task<UpdateSecretVersionStageResponse> UpdateSecretVersionStageAsync(
        UpdateSecretVersionStageRequest request, CancellationToken cancellationToken = default)
    {
        var input = new JsonObject
        {
            ["VersionStage"] = request.VersionStage,
            ["MoveToVersionId"] = request.MoveToVersionId,
            ["RemoveFromVersionId"] = request.RemoveFromVersionId,
        };
        var answer = await CallAsync("UpdateSecretVersionStage", request.SecretId, input, call => call.UpdateStage(), cancellationToken);
        return new UpdateSecretVersionStageResponse { ARN = (string?)answer["ARN"] };
    }

    public async Task<ListSecretVersionIdsResponse> ListSecretVersionIdsAsync(
        ListSecretVersionIdsRequest request, CancellationToken cancellationToken = default)
    {
        var input = new JsonObject { ["IncludeDeprecated"] = request.IncludeDeprecated };
        var answer = await CallAsync("ListSecretVersionIds", request.SecretId, input, call => call.ListVersions(), cancellationToken);
        return new ListSecretVersionIdsResponse
        {
            ARN = (string?)answer["ARN"],
            Versions = [.. answer["Versions"]!.AsArray().Select(version => new SecretVersionsListEntry
            {
                VersionId = (string)version!["VersionId"]!,
                CreatedDate = Time(version["CreatedDate"]!),
                VersionStages = [.. version["VersionStages"]?.AsArray().Select(stage => (string)stage!) ?? []],
            })],
        };
    }

    public async Task<TagResourceResponse> TagResourceAsync(TagResourceRequest request, CancellationToken cancellationToken = default)
    {
        var input = new JsonObject
        {
            ["Tags"] = new JsonArray([.. request.Tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]),
        };
        await CallAsync("TagResource", request.SecretId, input, call => call.Tag(), cancellationToken);
        return new TagResourceResponse();
    }

    public async Task<RotateSecretResponse> RotateSecretAsync(RotateSecretRequest request, CancellationToken cancellationToken = default)
    {
        var input = new JsonObject
        {
            ["ClientRequestToken"] = request.ClientRequestToken,
            ["RotateImmediately"] = request.RotateImmediately,
        };
        var answer = await CallAsync("RotateSecret", request.SecretId, input, call => call.Rotate(), cancellationToken);
        return new RotateSecretResponse { ARN = (string?)answer["ARN"] };
    }

    public Task<CreateSecretResponse> CreateSecretAsync(CreateSecretRequest request, CancellationToken cancellationToken = default) =>
        throw Unused();

    public Task<UntagResourceResponse> UntagResourceAsync(UntagResourceRequest request, CancellationToken cancellationToken = default) =>
        throw Unused();

    static ClientConfig IAmazonService.CreateDefaultClientConfig() => throw Unused();

    static IAmazonService IAmazonService.CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
        throw Unused();

    public void Dispose()
    {
    }

    private static NotSupportedException Unused() => new("The rotation protocol makes no such call.");

    private static DateTime? Time(JsonNode? seconds) =>
        seconds is null ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)((decimal)seconds * 1000m)).UtcDateTime;

    private async Task<JsonObject> CallAsync(
        string operation, string secret, JsonObject input, Func<SecretsManagerCall, JsonObject> perform, CancellationToken cancellation)
    {
        input["SecretId"] = secret;
        cancellation.ThrowIfCancellationRequested();
        return await _cloud.Wire.SendAsync(
            new Request(machine, "aws", operation, secret), () => Perform(operation, input, perform), Refuse,
            () => new HttpRequestException("The connection dropped."), Patience, cancellation);
    }

    private SecretsManagerCall Call(JsonObject input) => new(_cloud.State.SecretsManager, AwsWorld.Caller, input, _cloud.Now);

    private static string Secret(JsonObject input) => (string)input["SecretId"]!;

    private JsonObject Perform(string operation, JsonObject input, Func<SecretsManagerCall, JsonObject> perform)
    {
        try
        {
            if (_cloud.DescriptionLag == Duration.Zero)
                return perform(Call(input));
            _cloud.Descriptions.Note(Secret(input), Call(input).Describe, _cloud.Time.Now);
            var answer = perform(Call(input));
            _cloud.Descriptions.Note(Secret(input), Call(input).Describe, _cloud.Time.Now);
            return operation == "DescribeSecret" ? _cloud.Descriptions.At(Secret(input), _cloud.Time.Now - _cloud.DescriptionLag) : answer;
        }
        catch (Refusal refusal)
        {
            throw Refused(refusal.Code, refusal.Message, (HttpStatusCode)refusal.Status);
        }
    }

    private static JsonObject Refuse(Fate fate) => throw (fate switch
    {
        Fate.Busy => Refused("ThrottlingException", "Rate exceeded", HttpStatusCode.BadRequest),
        Fate.Held => Refused("InternalServiceError", "Gateway Timeout", HttpStatusCode.GatewayTimeout),
        _ => Refused("AccessDeniedException", "Not authorized.", HttpStatusCode.BadRequest),
    });

    private static AmazonSecretsManagerException Refused(string code, string message, HttpStatusCode status) => code switch
    {
        "InvalidParameterException" => new InvalidParameterException(message, null, ErrorType.Sender, code, null, status),
        "InvalidRequestException" => new InvalidRequestException(message, null, ErrorType.Sender, code, null, status),
        "LimitExceededException" => new LimitExceededException(message, null, ErrorType.Sender, code, null, status),
        "ResourceExistsException" => new ResourceExistsException(message, null, ErrorType.Sender, code, null, status),
        "ResourceNotFoundException" => new ResourceNotFoundException(message, null, ErrorType.Sender, code, null, status),
        _ => new AmazonSecretsManagerException(message, null, ErrorType.Sender, code, null, status),
    };
}
