using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>The address of a receiver. Whoever knows it may send, so no message shows it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Receiver">Whose it is.</param>
internal sealed record ReceiverUrl(Uri Address, NotificationReceiver Receiver)
{
    /// <summary>Reads it: HTTPS, and HTTP only on this machine.</summary>
    /// <exception cref="UsageException">It is no such address.</exception>
    public static ReceiverUrl Read(SecretValue value, NotificationReceiver receiver, VaultReference reference)
    {
#pragma warning disable RS0030 // It is called next.
        var text = value.RevealText();
#pragma warning restore RS0030
        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address) && address.UserInfo.Length == 0
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? new(address, receiver)
            : throw new UsageException(
                $"The URL of {receiver.Name} in {reference} can't be called.",
                "Write the receiver's whole address there, which begins with https:// and has no user or password in it.");
    }

    /// <inheritdoc />
    public override string ToString() => Receiver.ToString();
}
