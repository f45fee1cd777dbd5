namespace SecretRotator.Sandbox.Hosting;

/// <summary>The file from which clients read the authority of a sandbox in memory, while the program runs.</summary>
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
