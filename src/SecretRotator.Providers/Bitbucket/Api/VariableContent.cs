using System.Text.Unicode;

namespace SecretRotator.Providers.Bitbucket.Api;

/// <summary>
/// A variable, or an SSH key pair, as a request sends it: type, key, value and secured together. The value goes from
/// <see cref="SecretValue"/> into one pinned buffer and never becomes a string. Atlassian's description requires the type, the same as in
/// answers.
/// </summary>
internal static class VariableContent
{
    /// <summary>A secured variable.</summary>
    /// <exception cref="RemoteFailureException">The value isn't text, so that Bitbucket couldn't hold it.</exception>
    public static WipedJson Secured(VariableScope scope, string key, SecretValue value)
    {
        var isOfEnvironment = scope is VariableScope.Environment;
#pragma warning disable RS0030 // The one place where a value enters a request to Bitbucket.
        return value.Reveal((key, isOfEnvironment), static (variable, utf8) => Utf8.IsValid(utf8.Span)
            ? Json(
                variable.isOfEnvironment
                    ? "{\"type\":\"deployment_variable\",\"key\":\""u8
                    : "{\"type\":\"pipeline_variable\",\"key\":\""u8,
                variable.key, "\",\"value\":\""u8, utf8.Span, "\",\"secured\":true}"u8)
            : throw new RemoteFailureException(
                FailureKind.Other,
                Effect.Rejected,
                $"The value for the variable {variable.key} isn't UTF-8 text, and Bitbucket's variables hold nothing else. Nothing was "
                    + "sent.",
                "Store it in the vault in a text form, such as base64."));
#pragma warning restore RS0030
    }

    /// <summary>A private SSH key with its public key.</summary>
    public static WipedJson KeyPair(SshPublicKey publicKey, SecretValue privateKey) =>
#pragma warning disable RS0030 // As above: a private key enters a request to Bitbucket. Its format has ASCII alone.
        privateKey.Reveal(publicKey.Text, static (line, pem) => Json(
            "{\"type\":\"pipeline_ssh_key_pair\",\"public_key\":\""u8, line, "\",\"private_key\":\""u8, pem.Span, "\"}"u8));
#pragma warning restore RS0030

    /// <summary>A variable of a repository that everyone with access may read.</summary>
    public static WipedJson Plain(string key, string value) => Json(
        "{\"type\":\"pipeline_variable\",\"key\":\""u8, key, "\",\"value\":\""u8, Encoding.UTF8.GetBytes(value), "\",\"secured\":false}"u8);

    private static WipedJson Json(
        ReadOnlySpan<byte> begin, string key, ReadOnlySpan<byte> between, ReadOnlySpan<byte> value, ReadOnlySpan<byte> end)
    {
        var json = new SecretBuffer(512 + (2 * value.Length));
        json.Append(begin);
        Escape(Encoding.UTF8.GetBytes(key), json);
        json.Append(between);
        Escape(value, json);
        json.Append(end);
        return new WipedJson(json);
    }

    // RFC 8259 asks for nothing more: quote, backslash and control characters are escaped, UTF-8 stays as it is.
    // Utf8JsonWriter would do, but leaves the escaped value in pooled buffers.
    private static void Escape(ReadOnlySpan<byte> utf8, SecretBuffer json)
    {
        foreach (var b in utf8)
        {
            if (b < 0x20)
            {
                json.Append("\\u00"u8);
                Convert.TryToHexStringLower([b], json.Extend(2), out _);
                continue;
            }
            if (b is (byte)'"' or (byte)'\\')
                json.Append((byte)'\\');
            json.Append(b);
        }
    }
}
