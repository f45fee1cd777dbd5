namespace SecretRotator.Output;

/// <summary>A file that only its owner reads, and that appears whole or not at all.</summary>
internal sealed class PrivateFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _kept;

    private PrivateFile(string path, string temporary, FileStream stream) => (_path, _temporary, _stream) = (path, temporary, stream);

    /// <summary>Begins a file. Nothing is at its place, or what was there stays, until <see cref="Keep"/>.</summary>
    /// <param name="path">Where it shall be.</param>
    /// <param name="what">What it is, for messages, such as <c>The plan</c>.</param>
    /// <exception cref="UsageException">It can't be written.</exception>
    public static PrivateFile Begin(string path, string what)
    {
        var temporary = path + ".new";
        return Try(path, what, () =>
        {
            File.Delete(temporary);
            return new PrivateFile(path, temporary, Create(temporary));
        });
    }

    /// <summary>Creates a file that only its owner reads, at once in its place, which must be free.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Writes a file as a whole.</summary>
    /// <param name="path">Where it shall be.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="UsageException">It can't be written.</exception>
    public static void Write(string path, string what, Action<Stream> write)
    {
        using var file = Begin(path, what);
        file.Keep(what, write);
    }

    /// <summary>Writes its content and puts it in its place.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="UsageException">It can't be written.</exception>
    public void Keep(string what, Action<Stream> write) => Try(_path, what, () =>
    {
        write(_stream);
        _stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        return _kept = true;
    });

    /// <summary>Drops what was not kept.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (!_kept)
            File.Delete(_temporary);
    }

    private static T Try<T>(string path, string what, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{what} can't be saved as {path}.", "Name a file in a directory that exists and can be written to.");
        }
    }
}
