using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Amazon.SecretsManager.Internal;

/// <summary>Every operation of Secrets Manager is signed with Signature Version 4.</summary>
public class AmazonSecretsManagerAuthSchemeHandler : BaseAuthResolverHandler
{
    /// <inheritdoc />
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
}
