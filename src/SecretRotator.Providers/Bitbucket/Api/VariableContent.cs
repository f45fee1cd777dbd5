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
            ? new WipedJson(Json(variable.isOfEnvironment, variable.key, utf8.Span, secured: true))
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
        privateKey.Reveal(publicKey.Text, static (line, pem) => new WipedJson(Json(
            "{\"type\":\"pipeline_ssh_key_pair\",\"public_key\":\""u8, line, "\",\"private_key\":\""u8, pem.Span, "\"}"u8)));
#pragma warning restore RS0030

    /// <summary>A variable of a repository that everyone with access may read.</summary>
    public static WipedJson Plain(string key, string value) =>
        new(Json(isOfEnvironment: false, key, Encoding.UTF8.GetBytes(value), secured: false));

    private static byte[] Json(bool isOfEnvironment, string key, ReadOnlySpan<byte> value, bool secured) => Json(
        isOfEnvironment ? "{\"type\":\"deployment_variable\",\"key\":\""u8 : "{\"type\":\"pipeline_variable\",\"key\":\""u8,
        key,
        "\",\"value\":\""u8,
        value,
        secured ? "\",\"secured\":true}"u8 : "\",\"secured\":false}"u8);

    private static byte[] Json(
        ReadOnlySpan<byte> begin, string key, ReadOnlySpan<byte> between, ReadOnlySpan<byte> value, ReadOnlySpan<byte> end)
    {
        var keyUtf8 = Encoding.UTF8.GetBytes(key);
        var json = GC.AllocateUninitializedArray<byte>(
            begin.Length + EscapedLength(keyUtf8) + between.Length + EscapedLength(value) + end.Length, pinned: true);
        var at = Copy(begin, json, 0);
        at = Escape(keyUtf8, json, at);
        at = Copy(between, json, at);
        at = Escape(value, json, at);
        Copy(end, json, at);
        return json;
    }

    private static int Copy(ReadOnlySpan<byte> source, byte[] target, int at)
    {
        source.CopyTo(target.AsSpan(at));
        return at + source.Length;
    }

    // RFC 8259 asks for nothing more: quote, backslash and control characters are escaped, UTF-8 stays as it is.
    // Utf8JsonWriter would do, but leaves the escaped value in pooled buffers.
    private static int EscapedLength(ReadOnlySpan<byte> utf8)
    {
        var length = 0;
        foreach (var b in utf8)
            length += b < 0x20 ? 6 : b is (byte)'"' or (byte)'\\' ? 2 : 1;
        return length;
    }

    private static int Escape(ReadOnlySpan<byte> utf8, byte[] target, int at)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        foreach (var b in utf8)
        {
            if (b < 0x20)
            {
                at = Copy("\\u00"u8, target, at);
                target[at++] = digits[b >> 4];
                target[at++] = digits[b & 15];
                continue;
            }
            if (b is (byte)'"' or (byte)'\\')
                target[at++] = (byte)'\\';
            target[at++] = b;
        }
        return at;
    }
}
