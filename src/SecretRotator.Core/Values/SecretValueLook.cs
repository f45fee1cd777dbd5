namespace SecretRotator.Values;

/// <summary>The one place in the domain that looks at values: to take a field out of one, to put one into a JSON object, to measure
/// it.</summary>
internal static class SecretValueLook
{
    /// <summary>Reads a value's UTF-8 text.</summary>
    public delegate TResult Reader<in TState, out TResult>(TState state, ReadOnlySpan<byte> utf8);

    /// <summary>Hands the bytes to <paramref name="read"/>, which must not keep them.</summary>
    public static TResult Look<TState, TResult>(this SecretValue value, TState state, Reader<TState, TResult> read) =>
#pragma warning disable RS0030 // Values are made and taken apart in this folder, and nowhere else in the domain.
        value.Reveal((state, read), static (with, utf8) => with.read(with.state, utf8.Span));
#pragma warning restore RS0030
}
