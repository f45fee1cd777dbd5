namespace SecretRotator.Sandbox.Faults;

/// <summary>
/// Something that is wrong for as long as the sandbox runs, such as a setting. <c>docs/sandbox.md</c> lists the conditions; a fault
/// concerns single calls instead.
/// </summary>
/// <param name="Name">What <c>--fault</c> takes, such as <c>wrong-audience</c>.</param>
internal sealed record Condition(string Name)
{
    /// <summary><c>clock-skew</c>: the machine's clock is ten minutes behind that of the services.</summary>
    public static readonly Condition ClockSkew = new("clock-skew");

    /// <summary><c>credentials-at-once</c>: what issues credentials accepts a new one at once, and not only after a while.</summary>
    public static readonly Condition CredentialsAtOnce = new("credentials-at-once");

    /// <summary><c>proxy-refuses</c>: clients must go through a proxy that refuses every call.</summary>
    public static readonly Condition ProxyRefuses = new("proxy-refuses");
}
