using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>
/// A private directory for evidence on its way to an archive: evidence is written as things happen, and an object in S3
/// can only be written whole.
/// </summary>
internal sealed class EvidenceSpool
{
    private EvidenceSpool(string directory) => Directory = directory;

    /// <summary>Where it is; only its owner may look in.</summary>
    public string Directory { get; }

    /// <summary>Makes one below the system's directory for temporary files.</summary>
    /// <exception cref="EvidenceException">It can't be made.</exception>
    public static EvidenceSpool Create()
    {
        try
        {
            return new EvidenceSpool(System.IO.Directory.CreateTempSubdirectory("secret-rotator-").FullName);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvidenceException(
                $"Evidence can't be written below {Path.GetTempPath()}: {failure.Message.TrimEnd('.')}. Nothing was done. Set TMPDIR to "
                    + "a writable directory.", failure);
        }
    }

    /// <summary>Removes it with all that is in it, once that is kept elsewhere. What can't be removed stays, and harms no one: it holds no
    /// value.</summary>
    public void Remove()
    {
        try
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
        }
    }
}
