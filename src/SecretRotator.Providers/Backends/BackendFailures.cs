namespace SecretRotator.Providers.Backends;

/// <summary>Failures that backends find themselves.</summary>
internal static class BackendFailures
{
    /// <summary>What is wrong with a system, before anything was changed.</summary>
    public static RemoteFailureException Rejected(this BackendDefinition backend, FailureKind kind, string message, string? hint) =>
        new RemoteFailureException(kind, Effect.Rejected, message, hint).At(backend.Kind, backend.Place);

    /// <summary>The same failure with the service and the thing where it happened.</summary>
    public static Failure At(this Failure failure, string service, string resource) =>
        failure with { Service = service, Resource = resource };
}
