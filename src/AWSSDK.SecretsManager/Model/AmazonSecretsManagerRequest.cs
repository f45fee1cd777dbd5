using System.Text.Json;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>What all requests have in common.</summary>
public abstract class AmazonSecretsManagerRequest : AmazonWebServiceRequest
{
    /// <summary>The operation's name.</summary>
    internal abstract string Operation { get; }

    /// <summary>How many bytes the request may take because of the secret in it; 0 without one.</summary>
    internal virtual int SecretRoom => 0;

    /// <summary>Writes the members into an object that stands open.</summary>
    internal abstract void Write(Utf8JsonWriter writer);
}
