namespace SecretRotator.Sandbox.MySql;

/// <summary>A server of MySQL or MariaDB.</summary>
internal sealed class MySqlServerState
{
    public List<MySqlAccountState> Accounts { get; set; } = [];

    /// <summary>Whether it is a replica.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Whether a plugin validates passwords, which it can't of hashes. MariaDB alone.</summary>
    public bool RefusesHashes { get; set; }
}

/// <summary>An account.</summary>
internal sealed class MySqlAccountState
{
    public string User { get; set; } = "";
    public string Host { get; set; } = "%";
    public string Plugin { get; set; } = "";

    /// <summary>What is kept of its passwords; of two the newer one first in MySQL.</summary>
    public List<string> Kept { get; set; } = [];

    public bool Locked { get; set; }

    /// <summary>The error that a login with the right password is answered with, as of an account that is blocked; 0 for none.</summary>
    public int LoginError { get; set; }

    /// <summary>Whether it may change accounts.</summary>
    public bool CreatesUsers { get; set; }

    /// <summary>Whether it may read what is kept of accounts.</summary>
    public bool ReadsAccounts { get; set; }
}
