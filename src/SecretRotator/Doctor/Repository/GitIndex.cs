using System.Buffers.Binary;

namespace SecretRotator.Doctor.Repository;

/// <summary>Git's index, the list of the files that a repository tracks (https://git-scm.com/docs/index-format), versions 2 to 4.</summary>
internal static class GitIndex
{
    private const int MostBytes = 256 * 1024 * 1024;
    private const int Header = 12;
    private const int Sha1 = 20;
    private const int Sha256 = 32;

    // Before the hash: times, device, inode, mode, owner, group and size.
    private const int Facts = 40;
    private const int Mode = 24;
    private const int RegularFile = 0b1000;

    /// <summary>The root of the repository that a folder is in, or null where it is in none.</summary>
    public static string? RootOf(string folder)
    {
        for (var each = new DirectoryInfo(folder); each is not null; each = each.Parent)
            if (Path.Exists(Path.Combine(each.FullName, ".git")))
                return each.FullName;
        return null;
    }

    /// <summary>The tracked files of a repository, as paths from its root; no links and no submodules.</summary>
    /// <exception cref="IOException">The index can't be read.</exception>
    /// <exception cref="InvalidDataException">It is none, or of another version.</exception>
    public static List<string> FilesOf(string root)
    {
        var git = Path.Combine(root, ".git");
        // A worktree has a file that names the folder.
        if (File.Exists(git) && File.ReadAllText(git).Split(':', 2) is ["gitdir", var folder])
            git = Path.Combine(root, folder.Trim());
        var index = Path.Combine(git, "index");
        if (!File.Exists(index))
            return [];
        if (new FileInfo(index).Length > MostBytes)
            throw new InvalidDataException("The index is too large.");
        var bytes = File.ReadAllBytes(index);
        foreach (var hash in (ReadOnlySpan<int>)[Sha1, Sha256])
            if (Read(bytes, hash) is { } files)
                return files;
        throw new InvalidDataException("This isn't an index.");
    }

    private static List<string>? Read(ReadOnlySpan<byte> bytes, int hash)
    {
        if (bytes.Length < Header || !bytes.StartsWith("DIRC"u8))
            return null;
        var version = Number(bytes, 4);
        if (version is < 2 or > 4)
            return null;
        var files = new List<string>();
        byte[] before = [];
        var at = Header;
        for (var left = Number(bytes, 8); left > 0; left--)
        {
            var name = at + Facts + hash + 2;
            if (name > bytes.Length)
                return null;
            if ((bytes[name - 2] & 0x40) != 0)
                name += 2;
            var kept = 0;
            if (version == 4)
            {
                if (Dropped(bytes, ref name) is not { } dropped || dropped > before.Length)
                    return null;
                kept = before.Length - dropped;
            }

            var length = name > bytes.Length ? -1 : bytes[name..].IndexOf((byte)0);
            if (length < 0)
                return null;
            byte[] path = [.. before.AsSpan(0, kept), .. bytes.Slice(name, length)];
            if (Number(bytes, at + Mode) >> 12 == RegularFile)
                files.Add(Encoding.UTF8.GetString(path));
            before = path;
            at = version == 4 ? name + length + 1 : at + ((name - at + length + 8) & ~7);
        }

        return files;
    }

    // How many bytes of the path before are dropped: git's variable width encoding of offsets.
    private static int? Dropped(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (var first = true; at < bytes.Length && value < int.MaxValue; first = false)
        {
            var next = bytes[at++];
            value = first ? next & 0x7f : ((value + 1) << 7) | (next & 0x7fL);
            if ((next & 0x80) == 0)
                return (int)value;
        }

        return null;
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
