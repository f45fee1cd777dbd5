using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Google;
using SecretRotator.Sandbox.HashiCorp;
using SecretRotator.Sandbox.MySql;
using SecretRotator.Sandbox.PostgreSql;
using SecretRotator.Sandbox.Redis;

namespace SecretRotator.Sandbox;

/// <summary>The one list of providers.</summary>
internal static class EmulatedProviders
{
    /// <summary>All of them, in the order of their listeners and of the state document.</summary>
    public static ImmutableArray<IEmulatedProvider> All { get; } =
    [
        new AwsServices(), new AzureServices(), new GoogleServices(), new HashiCorpServices(), new BitbucketServices(),
        new PostgreSqlServers(), new MySqlServers(), new RedisServers(),
    ];
}
