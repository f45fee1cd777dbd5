using System.Security.Cryptography;

namespace SecretRotator.Providers;

/// <summary>Gives a key in PEM form to the library that signs with it.</summary>
internal static class PemKey
{
    /// <summary>Reads it; the text that is needed on the way is wiped.</summary>
    /// <exception cref="ArgumentException">It is no key, or an encrypted one. Its text is in no message.</exception>
    /// <exception cref="CryptographicException">It is a key of another kind, or a broken one.</exception>
    public static void Import(AsymmetricAlgorithm key, SecretValue pem) =>
#pragma warning disable RS0030 // The key goes to the library that signs with it, and nowhere else.
        pem.Reveal(key, static (key, utf8) =>
        {
            var text = GC.AllocateUninitializedArray<char>(Encoding.UTF8.GetCharCount(utf8.Span), pinned: true);
            try
            {
                Encoding.UTF8.GetChars(utf8.Span, text);
                key.ImportFromPem(text);
                return true;
            }
            finally
            {
                Array.Clear(text);
            }
        });
#pragma warning restore RS0030
}
