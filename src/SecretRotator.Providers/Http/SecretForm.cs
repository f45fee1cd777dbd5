using System.Net.Http.Headers;
using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.Http;

/// <summary>A form of which some fields are secret. They go into one pinned buffer, which is wiped with the request, and never become
/// strings.</summary>
internal static class SecretForm
{
    /// <summary>Makes the content of one request.</summary>
    /// <param name="open">The fields that are no secret.</param>
    /// <param name="secrets">The others; the caller keeps and wipes them.</param>
    public static HttpContent Of(
        ReadOnlySpan<(string Name, string Value)> open, params ReadOnlySpan<(string Name, SecretValue Value)> secrets)
    {
        using var form = new SecretBuffer(4096);
        foreach (var (name, value) in open)
        {
            Begin(form, name);
            Escape(form, Encoding.UTF8.GetBytes(value));
        }

        foreach (var (name, value) in secrets)
        {
            Begin(form, name);
#pragma warning disable RS0030 // It is sent to whom it was made for.
            value.Reveal(form, static (form, utf8) => Escape(form, utf8.Span));
#pragma warning restore RS0030
        }

        var bytes = GC.AllocateUninitializedArray<byte>(form.Length, pinned: true);
        form.Written.CopyTo(bytes);
        var content = new WipedJson(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        return content;
    }

    private static void Begin(SecretBuffer form, string name)
    {
        if (form.Length > 0)
            form.Append((byte)'&');
        form.Append(Encoding.ASCII.GetBytes(name));
        form.Append((byte)'=');
    }

    private static bool Escape(SecretBuffer form, ReadOnlySpan<byte> utf8)
    {
        foreach (var value in utf8)
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                form.Append(value);
                continue;
            }

            form.Append((byte)'%');
            Convert.TryToHexString([value], form.Extend(2), out _);
        }

        return true;
    }
}
