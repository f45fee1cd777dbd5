using Microsoft.AspNetCore.Http;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>A proxy that accepts no password: it answers 407 to every call and every tunnel that is asked for.</summary>
internal static class RefusingProxy
{
    /// <summary>The login that the sandbox's settings give for it.</summary>
    public const string Login = "rotator:sbx-5tP9wL3hYd6Qa1Vn";

    private static readonly byte[] Page =
        "<!DOCTYPE html><html><head><title>Proxy Authentication Required</title></head></html>"u8.ToArray();

    /// <summary>Refuses.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status407ProxyAuthenticationRequired;
        context.Response.Headers.ProxyAuthenticate = "Basic realm=\"sandbox\"";
        context.Response.ContentType = "text/html";
        context.Response.ContentLength = Page.Length;
        await context.Response.Body.WriteAsync(Page, context.RequestAborted);
    }
}
