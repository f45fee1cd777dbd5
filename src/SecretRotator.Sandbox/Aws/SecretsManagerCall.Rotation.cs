using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Aws;

internal sealed partial class SecretsManagerCall
{
    private const int LooksThatARotationTakes = 2;

    /// <summary>Starts the secret's rotation function, which is a simulation: the new version becomes current after a few looks.</summary>
    public JsonObject Rotate()
    {
        var token = Token("InvalidParameterException");
        var secret = Secret();
        var function = Text("RotationLambdaARN") ?? secret.RotationLambdaArn
            ?? throw new Refusal("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.");
        if (state.UnreachableFunctions.Contains(function))
            throw new Refusal("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function. Ensure that "
                + "the function policy grants access to the principal secretsmanager.amazonaws.com.");
        var pending = secret.Versions.Find(version => version.Stages.Contains("AWSPENDING", StringComparer.Ordinal));
        if (pending is not null && pending.Id != token && !pending.Stages.Contains("AWSCURRENT", StringComparer.Ordinal))
            throw new Refusal("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.");
        secret.RotationEnabled = true;
        secret.RotationLambdaArn = function;
        secret.RotationDays = (int?)input["RotationRules"]?["AutomaticallyAfterDays"] ?? secret.RotationDays;
        secret.LastChangedDate = now;
        Changed = true;
        var answer = About(secret);
        answer["VersionId"] = token;
        if (Flag("RotateImmediately") == false || secret.Versions.Exists(version => version.Id == token))
            return answer;
        MakePendingVersion(secret, token);
        return answer;
    }

    private void MakePendingVersion(AwsSecretState secret, string id)
    {
        var current = secret.Current;
        var version = new AwsVersionState { Id = id, SecretString = Renew(current?.SecretString), CreatedDate = now };
        secret.LastAccessedDate = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        if (current is not null)
            current.LastAccessedDate = secret.LastAccessedDate;
        Prune(secret);
        secret.Versions.Add(version);
        Attach(secret, version, "AWSPENDING");
        secret.RotatingVersion = id;
        secret.LooksUntilRotated = LooksThatARotationTakes;
    }

    private void LookAtRotation(AwsSecretState secret)
    {
        if (secret.RotatingVersion is not { } id)
            return;
        Changed = true;
        if (--secret.LooksUntilRotated > 0)
            return;
        secret.RotatingVersion = null;
        if (secret.Versions.Find(version => version.Id == id) is not { } version)
            return;
        Attach(secret, version, "AWSCURRENT");
        version.Stages.Remove("AWSPENDING");
        secret.LastRotatedDate = secret.LastChangedDate = now;
    }

    /// <summary>What a rotation function makes of a value: a new password, the rest as it was.</summary>
    private static string Renew(string? value)
    {
        var password = RandomNumberGenerator.GetString(Letters, 40);
        try
        {
            if (value is null || JsonNode.Parse(value) is not JsonObject fields)
                return password;
            fields["password"] = password;
            return fields.ToJsonString();
        }
        catch (JsonException)
        {
            return password;
        }
    }
}
