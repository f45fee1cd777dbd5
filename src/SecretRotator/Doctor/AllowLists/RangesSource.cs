using System.Net;
using System.Security.Authentication;
using SecretRotator.Providers;
using SecretRotator.Providers.Http;

namespace SecretRotator.Doctor.AllowLists;

/// <summary>Fetches the list of ranges: from a file, or from an address over TLS.</summary>
internal static class RangesSource
{
    /// <summary>Where Atlassian publishes it.</summary>
    public const string Published = "https://ip-ranges.atlassian.com/";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads it, within <see cref="PublishedRanges.MaximumBytes"/>.</summary>
    /// <param name="source">A file, or an <c>https</c> address; <c>http</c> on loopback only.</param>
    /// <param name="handler">Makes the way to the network; only called for an address.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">It can't be read, or is too large.</exception>
    public static async Task<byte[]> ReadAsync(string source, Func<HttpMessageHandler> handler, CancellationToken cancellation)
    {
        if (!source.Contains("://", StringComparison.Ordinal))
            return ReadFile(source);
        if (!Uri.TryCreate(source, UriKind.Absolute, out var address) || address.UserInfo.Length > 0
            || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && SettingsValues.IsLoopback(address))))
            throw new UsageException(
                "--from takes a file or an https address without user and password.",
                $"The list opens firewalls, so it is not fetched in the clear. Atlassian's is {Published}");
        try
        {
            using var client = BufferedResponseHandler.ClientOver(
                new BufferedResponseHandler(handler(), Patience, TimeProvider.System, PublishedRanges.MaximumBytes));
            client.DefaultRequestHeaders.Add("Accept", "application/json");
            using var response = await client.GetAsync(address, cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
                throw Unread(
                    source, $"It answers {(int)response.StatusCode}.",
                    "Open it in a browser. Redirects are not followed: name the address that they lead to.");
            return await response.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (UnusableAnswerException unusable) when (unusable.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw TooLarge(source);
        }
        catch (Exception late)
            when (late is UnusableAnswerException { InnerException: TimeoutException } or OperationCanceledException
                && !cancellation.IsCancellationRequested)
        {
            throw Unread(
                source, $"It did not answer within {Patience.TotalSeconds} seconds.",
                "Look at the way to it, or fetch it elsewhere: --from FILE");
        }
        catch (Exception error) when (error is ProxyRefusedException or AuthenticationException or HttpRequestException or IOException)
        {
            throw Unread(source, error switch
            {
                ProxyRefusedException => "The proxy refuses it.",
                ProxyUnreachableException unreachable => $"It was not asked: {unreachable.Message}.",
                _ when TlsTrust.IsMissing(error) => "Its certificate isn't trusted, or there is no TLS.",
                HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "Its name isn't known.",
                HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "Nothing answers there.",
                _ => "Its answer breaks off or isn't HTTP.",
            }, "Look at the way to it (HTTPS_PROXY, tls.caBundle), or fetch it elsewhere: --from FILE");
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > PublishedRanges.MaximumBytes)
                throw TooLarge(path);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unread(path, "There is no such file.", $"Fetch it: curl -fsS -o ip-ranges.json {Published}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unread(path, "The file can't be read.", "Name a file that this user may read.");
        }
    }

    private static UsageException TooLarge(string source) =>
        Unread(source,
            $"It is larger than {PublishedRanges.MaximumBytes / 1024 / 1024} MiB, which the published list never is.",
            $"Take it from {Published}");

    private static UsageException Unread(string source, string what, string hint) => new(what, hint, source);
}
