namespace SecretRotator.Sandbox.Hosting;

/// <summary>A sandbox in memory has no folder, but clients read the authority that they trust from a file: this one, while the program runs.</summary>
internal sealed class AuthorityFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secret-rotator-sandbox-").FullName;

    /// <summary>Writes the certificate. It is public: its key was forgotten.</summary>
    public AuthorityFile(string pem)
    {
        Path = System.IO.Path.Combine(_folder, "ca.pem");
        File.WriteAllText(Path, pem);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
