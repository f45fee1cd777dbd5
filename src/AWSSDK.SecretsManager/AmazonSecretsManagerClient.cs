using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Internal;
using Amazon.SecretsManager.Model;

namespace Amazon.SecretsManager;

/// <summary>AWS Secrets Manager over AWSSDK.Core's own pipeline, which signs, retries and keeps connections.</summary>
public class AmazonSecretsManagerClient : AmazonServiceClient, IAmazonSecretsManager
{
    /// <summary>Uses the identity that the machine has, as the SDK finds it.</summary>
    public AmazonSecretsManagerClient(AmazonSecretsManagerConfig config)
        : base(config)
    {
    }

    /// <summary>Uses a given identity.</summary>
    public AmazonSecretsManagerClient(AWSCredentials credentials, AmazonSecretsManagerConfig clientConfig)
        : base(credentials, clientConfig)
    {
    }

    /// <inheritdoc />
    protected override IServiceMetadata ServiceMetadata { get; } = new AmazonSecretsManagerMetadata();

    /// <summary>Never: an answer may hold a secret, and the SDK's log would keep it.</summary>
    protected override bool SupportResponseLogging => false;

    /// <inheritdoc />
    public static ClientConfig CreateDefaultClientConfig() => new AmazonSecretsManagerConfig();

    /// <inheritdoc />
    public static IAmazonService CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
        new AmazonSecretsManagerClient(awsCredentials, (AmazonSecretsManagerConfig)clientConfig);

    /// <inheritdoc />
    public virtual Task<CreateSecretResponse> CreateSecretAsync(
        CreateSecretRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, CreateSecretResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<DescribeSecretResponse> DescribeSecretAsync(
        DescribeSecretRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, DescribeSecretResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<GetSecretValueResponse> GetSecretValueAsync(
        GetSecretValueRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, GetSecretValueResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<ListSecretVersionIdsResponse> ListSecretVersionIdsAsync(
        ListSecretVersionIdsRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, ListSecretVersionIdsResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<PutSecretValueResponse> PutSecretValueAsync(
        PutSecretValueRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, PutSecretValueResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<RotateSecretResponse> RotateSecretAsync(
        RotateSecretRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, RotateSecretResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<TagResourceResponse> TagResourceAsync(TagResourceRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, static _ => new TagResourceResponse(), cancellationToken, maySayNothing: true);

    /// <inheritdoc />
    public virtual Task<UntagResourceResponse> UntagResourceAsync(
        UntagResourceRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, static _ => new UntagResourceResponse(), cancellationToken, maySayNothing: true);

    /// <inheritdoc />
    public virtual Task<UpdateSecretVersionStageResponse> UpdateSecretVersionStageAsync(
        UpdateSecretVersionStageRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, UpdateSecretVersionStageResponse.Read, cancellationToken);

    /// <inheritdoc />
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (pipeline.Handlers.Exists(handler => handler is EndpointResolver))
            pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new AmazonSecretsManagerEndpointResolver());
        pipeline.AddHandlerAfter<Marshaller>(new AmazonSecretsManagerAuthSchemeHandler());

        // Elsewhere this code means "too fast"; in Secrets Manager it means that a quota is used up, and waiting a second won't help.
        foreach (var retries in pipeline.Handlers.OfType<RetryHandler>())
            retries.RetryPolicy.ThrottlingErrorCodes.Remove("LimitExceededException");
    }

    private Task<TResponse> CallAsync<TResponse>(
        AmazonSecretsManagerRequest request, Func<System.Text.Json.JsonElement, TResponse> read, CancellationToken cancellationToken,
        bool maySayNothing = false)
        where TResponse : AmazonWebServiceResponse, new()
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = new InvokeOptions
        {
            RequestMarshaller = JsonRequestMarshaller.Instance,
            ResponseUnmarshaller = new JsonAnswerUnmarshaller<TResponse>(read, maySayNothing),
        };
        return InvokeAsync<TResponse>(request, options, cancellationToken);
    }
}
