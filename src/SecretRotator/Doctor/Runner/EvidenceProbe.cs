namespace SecretRotator.Doctor.Runner;

/// <summary>Tries whether a file can be written where evidence goes, and leaves nothing behind.</summary>
internal static class EvidenceProbe
{
    /// <summary>Why no file can be written there; null where one can.</summary>
    /// <param name="directory">The directory. Where it isn't there yet, the nearest one above it must take it.</param>
    public static string? WhyNotWritten(string directory)
    {
        try
        {
            var place = new DirectoryInfo(directory);
            while (!place.Exists)
            {
                if (File.Exists(place.FullName))
                    return "a file is in its place";
                if (place.Parent is not { } parent)
                    return "there is no directory above it";
                place = parent;
            }

            var probe = Path.Combine(place.FullName, $".secret-rotator-doctor-{Path.GetRandomFileName()}");
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.WriteByte(0);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "this user may not write there";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return "it takes no file";
        }
    }
}
