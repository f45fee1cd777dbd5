using System.Text.RegularExpressions;

namespace SecretRotator.Providers.Aws;

/// <summary>AWS Secrets Manager in one account and region.</summary>
/// <param name="Name">The name that the inventory gives it.</param>
/// <param name="Region">The region's system name, such as <c>eu-west-1</c>.</param>
/// <param name="Role">The ARN of the role to take on, or null for the ambient identity.</param>
public sealed partial record AwsVaultDefinition(string Name, string Region, string? Role) : VaultDefinition(Name)
{
    /// <summary>The word for this kind of vault in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "aws-secrets-manager";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "AWS Secrets Manager";

    /// <summary>65,536 (API reference of PutSecretValue: <c>SecretString</c>).</summary>
    public override int LargestSecretBytes => 65_536;

    /// <summary>True: a rotation function can make the new value.</summary>
    public override bool RotatesItself => true;

    /// <inheritdoc />
    public override bool UsesStepToken => Role is not null;

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => ["aws", Region, Role];

    /// <inheritdoc />
    public override string PlaceOf(string path) => Arn(path) is { Success: true } arn
        ? $"{Region}/{arn.Groups[2].Value}/{arn.Groups[3].Value}"
        : $"{Region}/{Role?.Split(':')[4]}/{path}";

    /// <summary>
    /// Matches the whole ARN of a secret, with the six characters that AWS adds; its region is the first group, its
    /// account the second, its name the third.
    /// </summary>
    internal static Match Arn(string path) => WholeArn().Match(path);

    [GeneratedRegex(
        @"^arn:aws(?:-[a-z]+)*:secretsmanager:([a-z0-9-]{1,40}):([0-9]{12}):secret:([A-Za-z0-9/_+=.@-]{1,512})-[A-Za-z0-9]{6}\z",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex WholeArn();
}
