namespace SecretRotator.Tests.Backends.Redis;

/// <summary>The rights that the documentation gives to the user who changes the others.</summary>
internal static class RedisDocumentation
{
    public static string[] Rights { get; } =
        "-@all +info +config|get +config|rewrite +acl|getuser +acl|setuser +acl|save +multi +exec +discard".Split(' ');
}
