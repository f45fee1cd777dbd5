namespace SecretRotator.Sandbox.Aws;

/// <summary>Who signed a request, and for where.</summary>
/// <param name="Account">The account of the access key.</param>
/// <param name="Arn">The user or the role's session.</param>
/// <param name="Region">The region of the credential scope.</param>
/// <param name="AccessKey">The access key.</param>
internal sealed record AwsCaller(string Account, string Arn, string Region, string AccessKey);
