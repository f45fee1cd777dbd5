namespace SecretRotator.Providers.Doctor;

/// <summary>What a check found.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>It couldn't be told, and why.</summary>
    Unknown,

    /// <summary>It works, and is a risk.</summary>
    Warn,

    /// <summary>It doesn't work, or must not stay so.</summary>
    Fail,
}
