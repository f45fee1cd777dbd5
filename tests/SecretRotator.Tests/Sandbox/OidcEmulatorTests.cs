using System.Security.Cryptography;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Tests.Sandbox;

public sealed class OidcEmulatorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_minted_token_is_signed_by_the_key_that_the_discovery_document_leads_to()
    {
        await using var sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true }, [new OidcEmulator()], cancellation: Stop);
        using var http = new HttpClient { BaseAddress = sandbox.EndpointOf("oidc") };
        using var minted = await http.PostAsync(
            "_sandbox/step-token?workspace=acme&workspaceUuid=w&repositoryUuid=r&environmentUuid=e&stepUuid=s&branch=main", null, Stop);
        var token = SignedToken.Parse(
            JsonDocument.Parse(await minted.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("token").GetString()!)!;

        var document = JsonDocument.Parse(
            await http.GetStringAsync(
                "2.0/workspaces/acme/pipelines-config/identity/oidc/.well-known/openid-configuration", Stop)).RootElement;
        var key = JsonDocument.Parse(await http.GetStringAsync(document.GetProperty("jwks_uri").GetString(), Stop)).RootElement
            .GetProperty("keys")[0];
        using var rsa = RSA.Create(new RSAParameters { Modulus = Decode(key, "n"), Exponent = Decode(key, "e") });

        token.IsSignedBy(rsa).Should().BeTrue();
        token.HeaderText("kid").Should().Be(key.GetProperty("kid").GetString());
        (token.Claim("iss"), token.Claim("aud"), token.Claim("sub")).Should().Be(
            (document.GetProperty("issuer").GetString(), "ari:cloud:bitbucket::workspace/w", "{r}:{e}:{s}"));
        token.Claim("iss").Should().Be("https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc");
        token.Claim("branchName").Should().Be("main");
    }

    private static byte[] Decode(JsonElement key, string name) =>
        System.Buffers.Text.Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
}
