namespace SecretRotator.Providers.Doctor;

/// <summary>The parts of <c>doctor</c>, in the order in which it tells them.</summary>
internal enum CheckArea
{
    /// <summary><c>rotation.yaml</c>, which everything else is looked up in.</summary>
    Inventory,

    /// <summary>The step's token, and the identity that it gives in the clouds.</summary>
    Identity,

    /// <summary>The credential, its scopes, what it reaches.</summary>
    Bitbucket,

    /// <summary>The secrets of the inventory.</summary>
    Vaults,

    /// <summary>The systems that accept the values of secrets.</summary>
    Backends,

    /// <summary>Names, proxies, TLS.</summary>
    Network,

    /// <summary>The machine or container that the tool runs in.</summary>
    Runner,

    /// <summary><c>bitbucket-pipelines.yml</c>.</summary>
    PipelineFile,

    /// <summary>The files that git tracks.</summary>
    Repository,
}
