namespace SecretRotator.Tests.Backends.Redis;

public sealed class EmulatedRedisTests : RedisBackendContract
{
    private protected override Task<RedisServerUnderTest> StartAsync(bool hasAclFile) =>
        Task.FromResult<RedisServerUnderTest>(new EmulatedRedis(hasAclFile));
}
