namespace SecretRotator.Providers.Backends.Redis;

/// <summary>What INFO tells of a server.</summary>
/// <param name="info">Its text: a name, a colon and a value a line.</param>
internal sealed class RedisFacts(string info)
{
    private readonly Dictionary<string, string> _facts = info
        .Split('\n')
        .Select(line => line.TrimEnd('\r').Split(':', 2))
        .Where(parts => parts.Length == 2)
        .DistinctBy(parts => parts[0], StringComparer.Ordinal)
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    /// <summary>Whether it was started with a configuration file, which CONFIG REWRITE writes to.</summary>
    public bool HasConfiguration => Of("config_file").Length > 0;

    /// <summary>Refuses a primary whose users can't be changed for good.</summary>
    /// <exception cref="RemoteFailureException">It is a replica, or has nodes that the inventory doesn't name.</exception>
    public void ThrowIfUnfit(RedisConnection connection, RedisDefinition definition)
    {
        if (Of("role") != "master")
            throw connection.Rejected(
                FailureKind.Conflict, $"{connection.Server} is a replica.",
                "Name the primary as \"server\", and the replicas as \"nodes\".");
        _ = int.TryParse(Of("connected_slaves"), NumberStyles.None, CultureInfo.InvariantCulture, out var replicas);
        var missing = replicas > definition.Nodes.Length || (Of("cluster_enabled") == "1" && definition.Nodes.IsEmpty);
        if (missing)
            throw connection.Rejected(
                FailureKind.Conflict,
                $"{connection.Server} has {(replicas > 0 ? $"{replicas} replicas" : "other nodes in its cluster")}, and the inventory "
                    + $"names {definition.Nodes.Length}. Redis replicates no users, so after a failover the new password would be refused.",
                "Name all of them under \"nodes\" of the backend.");
    }

    private string Of(string name) => _facts.GetValueOrDefault(name, "");
}
