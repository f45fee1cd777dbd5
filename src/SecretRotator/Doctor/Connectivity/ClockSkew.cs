using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Compares this machine's clock with those of the services, by the dates of their answers.</summary>
internal static class ClockSkew
{
    /// <summary>AWS refuses signatures whose time is further off
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(5);

    /// <summary>From here on something is wrong with the machine's clock, though nothing fails yet.</summary>
    public static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(60);

    private const string Id = "clock-skew";

    /// <summary>Judges them by the middle one: a single service's wrong clock isn't this machine's.</summary>
    /// <param name="ahead">How far each service's clock is ahead of this machine's.</param>
    public static CheckResult Judge(ImmutableArray<(Endpoint Endpoint, TimeSpan Ahead)> ahead)
    {
        if (ahead.IsEmpty)
            return CheckResult.Unknown(
                CheckArea.Network, Id, "No service told its time.",
                "AWS refuses signatures that are more than 5 minutes off.");
        var (endpoint, skew) = ahead.Sort((one, other) => one.Ahead.CompareTo(other.Ahead))[ahead.Length / 2];
        var size = skew.Duration();
        var observed = $"This machine's clock is {Text(size)} {(skew > TimeSpan.Zero ? "behind" : "ahead of")} that of {endpoint.Name}, "
            + "by the date of its answer.";
        return size < Noticeable
            ? CheckResult.Pass(CheckArea.Network, Id, "This machine's clock agrees with the services' to less than a minute.")
            : new(CheckArea.Network, Id, size > Most ? CheckStatus.Fail : CheckStatus.Warn, observed)
            {
                Why = "AWS refuses signatures that are more than 5 minutes off (Signature expired, RequestExpired, "
                    + "SignatureDoesNotMatch), and tokens look expired or not yet valid.",
                Fix = "Set the clock: timedatectl set-ntp true, or chronyc makestep, on the runner's host; a container has its host's "
                    + "clock.",
            };
    }

    private static string Text(TimeSpan size) => size.TotalMinutes >= 2
        ? $"{size.TotalMinutes:0} minutes"
        : $"{size.TotalSeconds:0} seconds";
}
