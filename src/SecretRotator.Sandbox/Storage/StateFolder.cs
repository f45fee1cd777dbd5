using System.Buffers.Binary;

namespace SecretRotator.Sandbox.Storage;

/// <summary>
/// The folder that keeps a sandbox's state between commands and shares it between processes: <c>state.json</c>, a
/// lock file, and the certificates. Only its owner may read it.
/// </summary>
/// <remarks>
/// The lock file holds the revision of the last save, so that a process that takes the lock sees without reading the state
/// whether another process changed it. It is written before the state: a process that dies between the two leaves a
/// number that matches no state, which costs the others a reload and nothing else.
/// </remarks>
internal sealed class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly TimeProvider _time;

    /// <summary>Makes the folder where it is missing.</summary>
    /// <exception cref="SandboxFailureException">It can't be made.</exception>
    public StateFolder(string path, TimeProvider time)
    {
        _path = Path.GetFullPath(path);
        _time = time;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(_path);
            else if (!Directory.Exists(_path))
                Directory.CreateDirectory(_path, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxFailureException($"The sandbox's folder {_path} can't be made: {e.Message} Choose another folder.", e);
        }
    }

    private string StatePath => Path.Combine(_path, "state.json");

    /// <summary>The path of the file of that name.</summary>
    public string PathOf(string name) => Path.Combine(_path, name);

    /// <summary>Takes the folder for this process alone; waits for others as long as a call could take.</summary>
    /// <exception cref="SandboxFailureException">Another process keeps it, or it is gone.</exception>
    public async Task<FolderLock> LockAsync(CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        for (var milliseconds = 1; ; milliseconds = Math.Min(milliseconds * 2, 16))
        {
            try
            {
                return new FolderLock(Open(PathOf("lock"), FileMode.OpenOrCreate));
            }
            catch (IOException e) when (e is DirectoryNotFoundException)
            {
                throw new SandboxFailureException(
                    $"The sandbox's folder {_path} has gone while it was in use. Start the sandbox again.", e);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new SandboxFailureException(
                    $"The sandbox's folder {_path} can't be written. Choose another folder, or give it to yourself.", e);
            }
            catch (IOException e) when (_time.GetElapsedTime(began) > LockPatience)
            {
                throw new SandboxFailureException(
                    $"The sandbox's folder {_path} is in use by another process that doesn't let go. End that process.", e);
            }
            catch (IOException)
            {
                // Another process has it: files report that in no other way.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time, cancellation);
        }
    }

    /// <summary>The saved state, or null where there is none. Only under the lock.</summary>
    /// <exception cref="SandboxFailureException">The file is not a state, or not one of this version.</exception>
    public SandboxState? Load()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(StatePath));
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("format", out var format)
                && format.ValueKind == JsonValueKind.String && format.ValueEquals(SandboxState.CurrentFormat)
                    ? root.Deserialize(SandboxStateContext.Default.SandboxState)
                    : throw new SandboxFailureException($"{StatePath} was not written by this version of the sandbox. {WhatToDo}");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            // The exception's own text may quote a value.
            throw new SandboxFailureException($"{StatePath} can't be read as the sandbox's state (line {e.LineNumber + 1}). {WhatToDo}", e);
        }
    }

    private string WhatToDo => $"Delete the folder {_path} and start again: it holds only the sandbox's state.";

    /// <summary>Replaces the saved state in one step. Only under the lock.</summary>
    public void Save(SandboxState state) =>
        Write("state.json", stream => JsonSerializer.Serialize(stream, state, SandboxStateContext.Default.SandboxState));

    /// <summary>Drops the saved state and keeps the certificates. Only under the lock.</summary>
    public void Clear() => File.Delete(StatePath);

    /// <summary>Replaces a file in one step; only its owner may read it. Only under the lock.</summary>
    /// <remarks>Not forced to the disk: it must outlive the process, not the machine's power.</remarks>
    public void Write(string name, Action<Stream> write)
    {
        var draft = PathOf(name + ".new");
        using (var stream = Open(draft, FileMode.Create))
            write(stream);
        File.Move(draft, PathOf(name), overwrite: true);
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 65_536 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }
}

/// <summary>The folder while this process alone has it.</summary>
internal sealed class FolderLock(FileStream file) : IDisposable
{
    /// <summary>The revision of the last save, or 0 where nothing was saved yet.</summary>
    public long ReadRevision()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        file.Position = 0;
        return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes)
            : 0;
    }

    /// <summary>Says which revision is about to be saved.</summary>
    public void WriteRevision(long revision)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, revision);
        file.Position = 0;
        file.Write(bytes);
        file.Flush();
    }

    /// <summary>Lets the others in.</summary>
    public void Dispose() => file.Dispose();
}
