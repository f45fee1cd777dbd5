using System.Security.Cryptography;
using SecretRotator.Rotation;

namespace SecretRotator.Evidence;

/// <summary>
/// Evidence as a file of JSON lines, each of which carries the SHA-256 of the line before. Written as it happens;
/// mode 0600, because it shows where secrets are.
/// </summary>
public sealed class EvidenceFile : IEvidenceLog, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _forcing = new();
    private readonly FileStream _file;
    private readonly DiskBarrier _disk;
    private readonly IncrementalHash _content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _forced;
    private bool _broken;

    private EvidenceFile(FileStream file, string path, DiskBarrier disk)
    {
        (_file, _disk) = (file, disk);
        Path = path;
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>How many records it has.</summary>
    public long Records { get; private set; }

    /// <summary>The hash of its last record.</summary>
    public string Head { get; private set; } = EvidenceFormat.NoHash;

    /// <summary>The SHA-256 of everything that was written, in lower-case hexadecimal digits: of what was meant, whatever becomes of the
    /// file.</summary>
    public string Content => Convert.ToHexStringLower(_content.GetCurrentHash());

    /// <summary>Creates a new file in a directory, which is created where it is missing.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The file's name, unique in it.</param>
    /// <exception cref="EvidenceException">It can't be created.</exception>
    public static EvidenceFile Create(string directory, string name) => Create(directory, name, DiskBarrier.OfMachine);

    /// <summary>The same, on another disk.</summary>
    internal static EvidenceFile Create(string directory, string name, DiskBarrier disk)
    {
        var path = System.IO.Path.Combine(directory, name);
        try
        {
            var changed = DirectoriesThatChange(directory);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(directory);
            else
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var file = CreateForOwner(path);
            try
            {
                changed.ForEach(disk.Directory);
                return new EvidenceFile(file, path, disk);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new EvidenceException(
                $"Evidence can't be written to {path}: {Reason(failure)}. Nothing was done. Name a writable directory with --evidence.",
                failure);
        }
    }

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        long number;
        lock (_lock)
        {
            // After a torn line nothing may follow: what comes after it would look like part of the chain.
            if (_broken)
                throw new EvidenceException($"Evidence in {Path} broke off earlier in this run.");
            var line = EvidenceFormat.Format(record, Records + 1, Head);
            try
            {
                var bytes = new byte[line.Length + 1];
                line.Span.CopyTo(bytes);
                bytes[^1] = (byte)'\n';
                _file.Write(bytes);
                _content.AppendData(bytes);
            }
            catch (Exception failure)
            {
                // Of any kind: where a limit on the size of files is reached (EFBIG), .NET throws an ArgumentOutOfRangeException.
                _broken = true;
                throw new EvidenceException($"Evidence can't be written to {Path}: {Reason(failure)}.", failure);
            }

            number = ++Records;
            Head = EvidenceFormat.Hash(line.Span);
        }

        if (MustOutliveTheMachine(record))
            Force(number);
    }

    // A record that is lost when the machine stops must not be the only trace of a change elsewhere: of a claim, of the commit, of an
    // undo, of a version that was made invalid, of a credential that was made, changed or ended.
    private static bool MustOutliveTheMachine(EvidenceRecord record) => record switch
    {
        EvidenceRecord.RunStarted or EvidenceRecord.RunEnded => true,
        EvidenceRecord.Step { State: StepState.Begun } step =>
            step.Kind is RotationStep.Claim or RotationStep.Promote or RotationStep.Restore or RotationStep.Discard or RotationStep.Retire
                or RotationStep.Issue or RotationStep.Set or RotationStep.Disable or RotationStep.Enable or RotationStep.Delete,
        _ => false,
    };

    // Rotations go on side by side: one wait serves all whose records were written before it began.
    private void Force(long number)
    {
        lock (_forcing)
        {
            if (_forced >= number)
                return;
            long written;
            lock (_lock)
                written = Records;
            try
            {
                _disk.File(_file);
                _forced = written;
            }
            catch (Exception failure)
            {
                lock (_lock)
                    _broken = true;
                throw new EvidenceException($"Evidence can't be written to {Path}: {Reason(failure)}.", failure);
            }
        }
    }

    /// <summary>Writes a file beside it, for its owner alone too.</summary>
    /// <param name="path">Where; nothing may be there.</param>
    /// <param name="content">What.</param>
    /// <exception cref="EvidenceException">It can't be written.</exception>
    public static void WriteBeside(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            using var file = CreateForOwner(path);
            file.Write(content);
            DiskBarrier.OfMachine.File(file);
            DiskBarrier.OfMachine.Directory(DirectoryOf(path));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            throw new EvidenceException(
                $"The evidence is whole, but its signature can't be written to {path}: {Reason(failure)}.", failure);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _content.Dispose();
    }

    // The directory gets a name more, and the ones above it where it is new itself.
    private static List<string> DirectoriesThatChange(string directory)
    {
        List<string> changed = [directory];
        for (var at = System.IO.Path.GetFullPath(directory); !Directory.Exists(at)
            && System.IO.Path.GetDirectoryName(at) is { } above; at = above)
            changed.Add(above);
        return changed;
    }

    private static string DirectoryOf(string path) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;

    private static FileStream CreateForOwner(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static string Reason(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "permission denied",
        DirectoryNotFoundException => "there is no such directory",
        ArgumentOutOfRangeException => "it may not grow larger: a limit on the size of files is reached",
        _ => failure.Message.TrimEnd('.'),
    };
}
