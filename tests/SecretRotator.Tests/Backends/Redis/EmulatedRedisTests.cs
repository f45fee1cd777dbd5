namespace SecretRotator.Tests.Backends.Redis;

public sealed class EmulatedRedisTests : RedisBackendContract
{
    private protected override async Task<RedisServerUnderTest> StartAsync(bool hasAclFile) => await EmulatedRedis.StartAsync(hasAclFile);
}
