using System.Buffers.Text;
using System.Security.Cryptography;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Tests.Sandbox.Azure;

public sealed class EntraEmulatorTests
{
    private static readonly RSA Issuer = RSA.Create(2048);
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly EntraEmulator _entra = new();
    private readonly SandboxState _state = new();

    public EntraEmulatorTests() => _state.SigningKey = Convert.ToBase64String(Issuer.ExportPkcs8PrivateKey());

    [Fact]
    public void The_right_secret_gets_a_token_that_is_remembered_for_an_hour()
    {
        var answer = Ask(("client_secret", _state.Entra.ClientSecret));

        var token = Json(answer).GetProperty("access_token").GetString()!;
        _state.Entra.Tokens.Should().Contain(token, Noon.AddSeconds(3599));
        answer.Changed.Should().BeTrue();
    }

    [Fact]
    public void Tokens_that_ended_are_forgotten()
    {
        _state.Entra.Tokens["old"] = Noon;

        Ask(("client_secret", _state.Entra.ClientSecret));

        _state.Entra.Tokens.Should().NotContainKey("old");
    }

    [Fact]
    public void A_wrong_secret_gets_none() => Refusal(Ask(("client_secret", "wrong"))).Should().Be((401, 7000215));

    [Fact]
    public void A_tenant_that_doesn_t_exist_is_told() =>
        Refusal(Ask("contoso", [("client_secret", _state.Entra.ClientSecret)])).Should().Be((400, 90002));

    [Fact]
    public void An_application_that_doesn_t_exist_is_told() =>
        Refusal(Ask(("client_id", "no one"), ("client_secret", _state.Entra.ClientSecret))).Should().Be((400, 700016));

    [Fact]
    public void A_token_is_for_Key_Vault_or_for_Graph_and_for_nothing_else() =>
        Refusal(Ask(("scope", "https://management.azure.com/.default"), ("client_secret", _state.Entra.ClientSecret))).Should()
            .Be((400, 500011));

    [Fact]
    public void A_token_for_Graph_opens_no_Key_Vault()
    {
        var answer = Ask(("scope", "https://graph.microsoft.com/.default"), ("client_secret", _state.Entra.ClientSecret));

        var token = Json(answer).GetProperty("access_token").GetString()!;
        _state.Entra.Tokens.Should().BeEmpty();
        _state.Entra.GraphTokens[token].Ends.Should().Be(Noon.AddSeconds(3599));
    }

    [Fact]
    public void A_token_of_the_sandbox_sIssuer_is_exchanged() => Ask(Assertion(Token())).Status.Should().Be(200);

    [Fact]
    public void A_federated_token_must_name_the_exchange_as_its_audience() =>
        Refusal(Ask(Assertion(Token(audience: "sts.amazonaws.com")))).Should().Be((401, 700212));

    [Fact]
    public void A_federated_token_must_bear_the_subject_that_was_agreed()
    {
        _state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/secret-rotator";

        Refusal(Ask(Assertion(Token(subject: "arn:aws:iam::123456789012:role/another")))).Should().Be((401, 700213));
        Ask(Assertion(Token(subject: "arn:aws:iam::123456789012:role/secret-rotator"))).Status.Should().Be(200);
    }

    [Fact]
    public void A_federated_token_ends() => Refusal(Ask(Assertion(Token(end: Noon.AddMinutes(-6))))).Should().Be((401, 700024));

    [Fact]
    public void A_token_of_anotherIssuer_is_refused()
    {
        using var stranger = RSA.Create(2048);

        Refusal(Ask(Assertion(Token(key: stranger)))).Should().Be((401, 70021));
    }

    [Fact]
    public void An_unsigned_token_is_refused() => Refusal(Ask(Assertion(Token(algorithm: "none")))).Should().Be((401, 70021));

    [Fact]
    public void Text_that_is_no_token_is_refused() => Refusal(Ask(Assertion("a.b.c"))).Should().Be((401, 7000218));

    [Fact]
    public void What_Azure_s_library_asks_for_first_is_there()
    {
        Json(Get("/common/discovery/instance")).GetProperty("metadata").GetArrayLength().Should().Be(1);
        Json(Get($"/{_state.Entra.Tenant}/v2.0/.well-known/openid-configuration")).GetProperty("token_endpoint").GetString()
            .Should().Be($"https://127.0.0.1:4433/{_state.Entra.Tenant}/oauth2/v2.0/token");
    }

    private string Token(
        string audience = EntraEmulator.ExchangeAudience, string subject = "anyone", DateTimeOffset? end = null, RSA? key = null,
        string algorithm = "RS256")
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JWT"}"""));
        var claims = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $$"""{"iss":"https://127.0.0.1/issuer","aud":"{{audience}}","sub":"{{subject}}","exp":{{(end ?? Noon.AddMinutes(5)).ToUnixTimeSeconds()}}}"""));
        var signature = (key ?? Issuer)
            .SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static (string, string)[] Assertion(string token) =>
        [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", token)];

    private SandboxAnswer Ask(params (string Name, string Value)[] form) => Ask(_state.Entra.Tenant, form);

    private SandboxAnswer Ask(string tenant, (string Name, string Value)[] form)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = _state.Entra.ClientId,
            ["scope"] = "https://vault.azure.net/.default",
        };
        foreach (var (name, value) in form)
            fields[name] = value;
        var body = string.Join('&', fields.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}"));
        return _entra.Answer(Request("POST", $"/{tenant}/oauth2/v2.0/token", body), _state, new SandboxClock(Noon, Noon));
    }

    private SandboxAnswer Get(string path) => _entra.Answer(Request("GET", path, ""), _state, new SandboxClock(Noon, Noon));

    private static SandboxRequest Request(string method, string path, string body) => new(
        method, path, "", new Dictionary<string, string>(StringComparer.Ordinal),
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase),
        Encoding.UTF8.GetBytes(body), new Uri("https://127.0.0.1:4433"));

    private static JsonElement Json(SandboxAnswer answer) => JsonDocument.Parse(answer.Body).RootElement;

    private static (int Status, int Code) Refusal(SandboxAnswer answer) =>
        (answer.Status, Json(answer).GetProperty("error_codes")[0].GetInt32());
}
