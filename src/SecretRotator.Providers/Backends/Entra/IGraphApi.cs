using Refit;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>
/// The calls of Microsoft Graph that a rotation makes; Refit generates the client. Whoever calls looks at the status and disposes the
/// answer
/// (https://learn.microsoft.com/graph/api/resources/passwordcredential).
/// </summary>
internal interface IGraphApi
{
    /// <summary>An application with its client secrets, without their values.</summary>
    [Get("/v1.0/applications(appId='{application}')?$select=appId,passwordCredentials")]
    Task<HttpResponseMessage> GetApplicationAsync(string application, [Authorize] string token, CancellationToken cancellation);

    /// <summary>Makes a client secret. The answer holds its value.</summary>
    [Post("/v1.0/applications(appId='{application}')/addPassword")]
    Task<HttpResponseMessage> AddPasswordAsync(
        string application, [Body] HttpContent password, [Authorize] string token, CancellationToken cancellation);

    /// <summary>Removes a client secret for good.</summary>
    [Post("/v1.0/applications(appId='{application}')/removePassword")]
    Task<HttpResponseMessage> RemovePasswordAsync(
        string application, [Body] HttpContent key, [Authorize] string token, CancellationToken cancellation);
}
