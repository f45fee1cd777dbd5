using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>Calls the address of a dead man's switch with GET, which all of them take (https://healthchecks.io/docs/http_api/).</summary>
internal sealed class HeartbeatSender(Func<CancellationToken, Task<ReceiverUrl>> url, ReceiverHttp http) : INotificationSender
{
    /// <inheritdoc />
    public async Task<string> SendAsync(Notification notification, CancellationToken cancellation) =>
        await http.SendAsync(await url(cancellation), json: null, [], cancellation);
}
