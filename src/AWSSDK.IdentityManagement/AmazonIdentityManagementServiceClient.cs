using Amazon.IdentityManagement.Internal;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement;

/// <summary>AWS IAM over AWSSDK.Core's own pipeline, which signs, retries and keeps connections.</summary>
public class AmazonIdentityManagementServiceClient : AmazonServiceClient, IAmazonIdentityManagementService
{
    /// <summary>Uses a given identity.</summary>
    public AmazonIdentityManagementServiceClient(AWSCredentials credentials, AmazonIdentityManagementServiceConfig clientConfig)
        : base(credentials, clientConfig)
    {
    }

    /// <inheritdoc />
    protected override IServiceMetadata ServiceMetadata { get; } = new AmazonIdentityManagementServiceMetadata();

    /// <summary>Never: an answer may hold a secret, and the SDK's log would keep it.</summary>
    protected override bool SupportResponseLogging => false;

    /// <inheritdoc />
    public static ClientConfig CreateDefaultClientConfig() => new AmazonIdentityManagementServiceConfig();

    /// <inheritdoc />
    public static IAmazonService CreateDefaultServiceClient(AWSCredentials awsCredentials, ClientConfig clientConfig) =>
        new AmazonIdentityManagementServiceClient(awsCredentials, (AmazonIdentityManagementServiceConfig)clientConfig);

    /// <inheritdoc />
    public virtual Task<CreateAccessKeyResponse> CreateAccessKeyAsync(
        CreateAccessKeyRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<CreateAccessKeyResponse>(request, CreateAccessKeyResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<DeleteAccessKeyResponse> DeleteAccessKeyAsync(
        DeleteAccessKeyRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<DeleteAccessKeyResponse>(request, static (_, _) => { }, cancellationToken);

    /// <inheritdoc />
    public virtual Task<GetAccessKeyLastUsedResponse> GetAccessKeyLastUsedAsync(
        GetAccessKeyLastUsedRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<GetAccessKeyLastUsedResponse>(request, GetAccessKeyLastUsedResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<ListAccessKeysResponse> ListAccessKeysAsync(
        ListAccessKeysRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<ListAccessKeysResponse>(request, ListAccessKeysResponse.Read, cancellationToken);

    /// <inheritdoc />
    public virtual Task<UpdateAccessKeyResponse> UpdateAccessKeyAsync(
        UpdateAccessKeyRequest request, CancellationToken cancellationToken = default) =>
        CallAsync<UpdateAccessKeyResponse>(request, static (_, _) => { }, cancellationToken);

    /// <inheritdoc />
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (pipeline.Handlers.Exists(handler => handler is EndpointResolver))
            pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new AmazonIdentityManagementServiceEndpointResolver());
        pipeline.AddHandlerAfter<Marshaller>(new AmazonIdentityManagementServiceAuthSchemeHandler());
    }

    private Task<TResponse> CallAsync<TResponse>(
        AmazonIdentityManagementServiceRequest request, Action<TResponse, XmlUnmarshallerContext> read, CancellationToken cancellationToken)
        where TResponse : AmazonWebServiceResponse, new()
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = new InvokeOptions
        {
            RequestMarshaller = QueryRequestMarshaller.Instance,
            ResponseUnmarshaller = new QueryAnswerUnmarshaller<TResponse>(request.Operation + "Response", read),
        };
        return InvokeAsync<TResponse>(request, options, cancellationToken);
    }
}
