using System.Runtime.InteropServices;

namespace SecretRotator.Evidence;

/// <summary>Waits until what was written is on the disk, so that it outlives a machine that stops.</summary>
internal partial class DiskBarrier
{
    private const int InputOutputError = 5;
    private const int NoSpaceLeft = 28;
    private const int Interrupted = 4;

    /// <summary>That of this machine.</summary>
    public static DiskBarrier OfMachine { get; } = new();

    /// <summary>Waits for a file's content.</summary>
    /// <exception cref="IOException">It isn't there, or not known to be.</exception>
    public virtual void File(FileStream file) => file.Flush(flushToDisk: true);

    /// <summary>
    /// Waits for the names in a directory: a file's content is on the disk by itself, its name isn't (fsync(2)). Does nothing on Windows,
    /// and
    /// where a directory can't be opened or its file system has no such call.
    /// </summary>
    /// <exception cref="IOException">They aren't there, or not known to be.</exception>
    public virtual void Directory(string path)
    {
        if (OperatingSystem.IsWindows() || Open(path, 0) is not (>= 0 and var handle))
            return;
        try
        {
            int error;
            do
                error = Sync(handle) == 0 ? 0 : Marshal.GetLastPInvokeError();
            while (error == Interrupted);
            if (error is InputOutputError or NoSpaceLeft)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
