using SecretRotator.Settings;

namespace SecretRotator.Hosting;

/// <summary>Who asks, for evidence.</summary>
internal static class Operator
{
    /// <summary>The pipeline, or user and host.</summary>
    public static string Name(RotatorSettings settings) => settings.Pipeline is { } pipeline
        ? $"pipeline {pipeline.Workspace}/{pipeline.Repository} #{pipeline.Build}"
        : $"{Environment.UserName}@{Environment.MachineName}";
}
