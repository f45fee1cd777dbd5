using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Tests.Backends;

/// <summary>A file with a certificate authority that signed nothing.</summary>
public sealed class OtherAuthority : IDisposable
{
    public OtherAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=another", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        using var authority = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        System.IO.File.WriteAllText(File, authority.ExportCertificatePem());
    }

    /// <summary>Its path.</summary>
    public string File { get; } = Path.GetTempFileName();

    public void Dispose() => System.IO.File.Delete(File);
}
