using System.Xml.Linq;

namespace SecretRotator.Sandbox.Aws;

/// <summary>The query protocol of AWS: a form is asked, XML answers.</summary>
/// <param name="service">The service's name in a credential scope, such as <c>sts</c>.</param>
/// <param name="names">The namespace of its answers.</param>
internal sealed class AwsQueryProtocol(string service, XNamespace names)
{
    private const string RequestId = "5a5a5a5a-0000-4000-8000-000000000000";

    /// <summary>Who signed the request.</summary>
    /// <exception cref="Refusal">It isn't signed, or not correctly.</exception>
    public AwsCaller Caller(SandboxRequest request, SandboxState state, SandboxClock clock)
    {
        try
        {
            return AwsSignature.Verify(request, service, state, clock);
        }
        catch (Refusal refusal)
        {
            // The query protocol has names of its own for the same refusals.
            throw new Refusal(
                refusal.Code switch
                {
                    "UnrecognizedClientException" => "InvalidClientTokenId",
                    "InvalidSignatureException" => "SignatureDoesNotMatch",
                    "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
                    "ExpiredTokenException" => "ExpiredToken",
                    var other => other,
                },
                refusal.Message, 403);
        }
    }

    /// <summary>An element with text, or with others.</summary>
    public XElement Element(string name, params object[] content) => new(names + name, content);

    /// <summary>An element with a time.</summary>
    public XElement Element(string name, DateTimeOffset time) =>
        Element(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>What an operation answers; without a result it has none to tell.</summary>
    public SandboxAnswer Success(string action, XElement[]? result, bool changed = false)
    {
        var metadata = Element("ResponseMetadata", Element("RequestId", RequestId));
        return Xml(
            200,
            result is null
                ? Element($"{action}Response", metadata)
                : Element($"{action}Response", Element($"{action}Result", [.. result]), metadata))
            with
        { Changed = changed };
    }

    /// <summary>A refusal.</summary>
    public SandboxAnswer Refuse(Refusal refusal) => Xml(
        refusal.Status,
        Element(
            "ErrorResponse",
            Element(
                "Error",
                Element("Type", refusal.Status >= 500 ? "Receiver" : "Sender"),
                Element("Code", refusal.Code),
                Element("Message", refusal.Message)),
            Element("RequestId", RequestId)));

    private static SandboxAnswer Xml(int status, XElement body) =>
        new(status, "text/xml", Encoding.UTF8.GetBytes(body.ToString(SaveOptions.DisableFormatting)));
}
