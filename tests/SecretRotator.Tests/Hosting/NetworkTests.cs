using SecretRotator.Providers.Http;

namespace SecretRotator.Tests.Hosting;

/// <summary>What every service's connections have in common. Certificates and redirects: see Hostile/NetworkSecrecyTests.</summary>
public sealed class NetworkTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-network-");

    [Fact]
    public void This_very_machine_is_never_reached_through_a_proxy()
    {
        using var network = Network.Open(null, proxies: null);
        using var handler = network.Sockets();

        foreach (var address in (string[])["http://127.0.0.1:4566/", "https://localhost:8443/", "https://[::1]/"])
        {
            handler.Proxy!.IsBypassed(new Uri(address)).Should().BeTrue(address);
            handler.Proxy.GetProxy(new Uri(address)).Should().BeNull(address);
        }
    }

    [Fact]
    public void Nothing_is_followed_unpacked_or_kept()
    {
        using var network = Network.Open(null, proxies: null);
        using var handler = network.Sockets();

        handler.AllowAutoRedirect.Should().BeFalse();
        handler.AutomaticDecompression.Should().Be(System.Net.DecompressionMethods.None);
        handler.UseCookies.Should().BeFalse();
        handler.SslOptions.RemoteCertificateValidationCallback.Should().BeNull("the system's judgement stands where no bundle adds to it");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no certificate at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_bundle_without_a_certificate_is_a_mistake_that_names_the_file(string? content)
    {
        var path = Path.Combine(_directory.FullName, "ca.pem");
        if (content is not null)
            File.WriteAllText(path, content);

        FluentActions.Invoking(() => Network.Open(path, proxies: null)).Should().Throw<UsageException>().WithMessage($"*{path}*");
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
