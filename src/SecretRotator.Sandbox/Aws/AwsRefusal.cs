namespace SecretRotator.Sandbox.Aws;

/// <summary>A call that AWS would refuse.</summary>
/// <param name="code">The error's name.</param>
/// <param name="message">What AWS says, as far as it is known.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class AwsRefusal(string code, string message, int status = 400) : Exception(message)
{
    public string Code => code;

    public int Status => status;
}
