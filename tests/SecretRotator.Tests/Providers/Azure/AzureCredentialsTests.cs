using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Tests.Providers.Azure;

/// <summary>Each kind of credential, through the real libraries, against Entra's emulator.</summary>
public sealed class AzureCredentialsTests : IAsyncLifetime
{
    private const string Path = "grid-api";
    private const string WrongSecret = "wrong-Secret-5d1c";

    private SandboxedKeyVault _azure = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _azure = await SandboxedKeyVault.OpenAsync();
        _azure.Seed(Path, "some-Value");
    }

    public async ValueTask DisposeAsync() => await _azure.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_ambient_identity_starts_no_program_but_az_and_that_only_where_the_settings_ask_for_it(bool isAskedFor)
    {
        var options = AzureCredentials.AmbientOptions(new AzureSettings { UseCli = isAskedFor }, new HttpClientTransport());

        options.ExcludeAzureCliCredential.Should().Be(!isAskedFor);
        new[] { options.ExcludeVisualStudioCredential, options.ExcludeVisualStudioCodeCredential, options.ExcludeAzurePowerShellCredential,
            options.ExcludeAzureDeveloperCliCredential, options.ExcludeInteractiveBrowserCredential, options.ExcludeBrokerCredential }
            .Should().AllBeEquivalentTo(true);
    }

    [Fact]
    public async Task A_client_secret_opens_the_vault() => await _azure.Connect().DescribeAsync(Path, Stop);

    [Fact]
    public async Task A_wrong_client_secret_is_told_by_Entra_s_code_and_never_shown()
    {
        using var wrong = SecretValue.FromText(WrongSecret);

        var failure = await FailureAsync(s => s with { ClientSecret = wrong.Copy() });

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unauthenticated, Effect.Rejected));
        failure.Message.Should().Contain("AADSTS7000215");
        failure.Hint.Should().Contain("The client secret is wrong");
        (failure.Message + failure.Hint).Should().NotContain(WrongSecret);
    }

    [Fact]
    public async Task A_certificate_opens_the_vault()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=secret-rotator", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), Stop);
            var pem = System.IO.Path.ChangeExtension(file, ".pem");
            File.Move(file, pem);
            file = pem;
            await _azure.ChangeAsync(state => state.Entra.Certificates.Add(Convert.ToBase64String(certificate.RawData)));

            await _azure.Connect(s => s with { ClientSecret = null, CertificatePath = pem }).DescribeAsync(Path, Stop);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_certificate_file_that_is_missing_is_told()
    {
        var failure = await FailureAsync(s => s with { ClientSecret = null, CertificatePath = "/nowhere/client.pem" });

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
    }

    [Fact]
    public async Task A_token_of_a_trusted_issuer_opens_the_vault()
    {
        var token = await IssueAsync("arn:aws:iam::123456789012:role/secret-rotator");
        await _azure.ChangeAsync(state => state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/secret-rotator");

        await _azure.Connect(s => s with { ClientAssertion = _ => Task.FromResult(token) }).DescribeAsync(Path, Stop);
    }

    [Fact]
    public async Task A_token_of_another_subject_is_told_by_Entra_s_code()
    {
        var token = await IssueAsync("arn:aws:iam::123456789012:role/another");
        await _azure.ChangeAsync(state => state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/secret-rotator");

        var failure = await FailureAsync(s => s with { ClientAssertion = _ => Task.FromResult(token) });

        failure.Message.Should().Contain("AADSTS700213").And.NotContain(token);
        failure.Hint.Should().Contain("issuer, subject and audience");
    }

    [Fact]
    public async Task A_token_in_a_file_opens_the_vault()
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await IssueAsync("anyone"), Stop);

            await _azure.Connect(s => s with { FederatedTokenFile = file }).DescribeAsync(Path, Stop);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_that_the_vault_refuses_is_told_as_denied()
    {
        var vault = _azure.Connect();
        await vault.DescribeAsync(Path, Stop);
        await _azure.ChangeAsync(state => state.Entra.Tokens.Clear());

        var failure = (await vault.Invoking(v => v.DescribeAsync(Path, Stop)).Should().ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unauthenticated, Effect.Rejected));
    }

    [Fact]
    public async Task A_vault_that_can_not_be_reached_is_unavailable_and_nothing_was_sent()
    {
        var closed = new Uri("https://127.0.0.1:1/");
        var vault = _azure.Connect(s => s with { Endpoints = s.Endpoints.SetItem("azure", closed) });

        var failure = (await vault.Invoking(v => v.DescribeAsync(Path, Stop)).Should().ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Rejected));
        failure.Message.Should().Contain("no connection could be made");
    }

    [Fact]
    public async Task An_Entra_that_can_not_be_reached_is_unavailable()
    {
        var failure = await FailureAsync(s => s with { AuthorityHost = new Uri("https://127.0.0.1:1/") });

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Rejected));
        failure.Message.Should().Contain("Microsoft Entra could not be reached");
    }

    [Fact]
    public async Task A_stranger_s_certificate_is_not_trusted()
    {
        var settings = new AzureSettings
        {
            TenantId = "t",
            ClientId = "c",
            ClientAssertion = _ => Task.FromResult("x"),

            // Azure's library remembers until the end of the process which host and port asked for a token, and another test's vault may
            // have had this port: so by a name that no other one goes by.
            Endpoints = ImmutableDictionary<string, Uri>.Empty.Add("azure", new UriBuilder(_azure.Endpoint) { Host = "localhost" }.Uri),
        };
        using var factory = new AzureVaultFactory(
            settings, () => new SocketsHttpHandler(), new InMemoryLockStore(_azure.Home), SystemClock.Instance, new SystemRandom(),
            _azure.Time);

        var failure = (await factory.Create(SandboxedKeyVault.Definition)
            .Invoking(v => v.DescribeAsync(Path, Stop))
            .Should().ThrowAsync<RemoteFailureException>()).Which;

        failure.Message.Should().Contain("its certificate isn't trusted");
        failure.Hint.Should().Contain("tls.caBundle");
    }

    [Fact]
    public void Tokens_are_sent_over_TLS_only()
    {
        using var factory = new AzureVaultFactory(
            new AzureSettings(), () => new SocketsHttpHandler(), new InMemoryLockStore(_azure.Home), SystemClock.Instance,
            new SystemRandom(), _azure.Time);
        var plain = new AzureVaultDefinition("azure", new Uri("http://127.0.0.1:8080/"));

        factory.Invoking(f => f.Create(plain)).Should().Throw<ArgumentException>().WithMessage("*https*");
    }

    [Fact]
    public void A_credential_without_a_tenant_is_refused_before_any_call() =>
        _azure.Invoking(a => a.Connect(s => s with { TenantId = null })).Should().Throw<ArgumentException>().WithMessage("*tenant id*");

    private async Task<RemoteFailureException> FailureAsync(Func<AzureSettings, AzureSettings> change) =>
        (await _azure.Connect(change).Invoking(v => v.DescribeAsync(Path, Stop)).Should().ThrowAsync<RemoteFailureException>()).Which;

    /// <summary>A token of the sandbox's own issuer.</summary>
    private async Task<string> IssueAsync(string subject)
    {
        using var key = RSA.Create(2048);
        await _azure.ChangeAsync(state => state.SigningKey = Convert.ToBase64String(key.ExportPkcs8PrivateKey()));
        var end = SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds() + 300;
        var header = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8);
        var claims = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $$"""{"iss":"https://127.0.0.1/issuer","aud":"{{EntraEmulator.ExchangeAudience}}","sub":"{{subject}}","exp":{{end}}}"""));
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }
}
