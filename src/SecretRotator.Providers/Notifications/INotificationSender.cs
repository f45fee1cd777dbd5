using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>Sends messages to one receiver.</summary>
internal interface INotificationSender
{
    /// <summary>Sends a message. One that gets no answer is sent again: twice does less harm than never.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What the receiver answered, in words of our own, such as <c>202</c>.</returns>
    /// <exception cref="RemoteFailureException">The receiver can't be reached, or refuses.</exception>
    /// <exception cref="UsageException">What the vault keeps for it is of no use.</exception>
    Task<string> SendAsync(Notification notification, CancellationToken cancellation);
}
