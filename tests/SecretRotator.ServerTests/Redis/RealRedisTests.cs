using SecretRotator.Tests.Backends.Redis;

namespace SecretRotator.ServerTests.Redis;

public sealed class RealRedisTests : RedisBackendContract
{
    private protected override async Task<RedisServerUnderTest> StartAsync(bool hasAclFile) => await RealRedis.StartAsync(hasAclFile);
}
