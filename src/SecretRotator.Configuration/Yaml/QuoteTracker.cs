namespace SecretRotator.Configuration.Yaml;

/// <summary>
/// Determines, character by character, whether a place of a file is a comment or quoted. A quote counts where a value or a key may begin,
/// so
/// that an apostrophe within a text is none.
/// </summary>
internal struct QuoteTracker
{
    private int _quote;
    private bool _isComment;
    private bool _isEscaped;
    private bool _isWithinText;
    private int _before;

    /// <summary>Whether the last character taken is in a comment or in quotes.</summary>
    public readonly bool IsText => _isComment || _quote != 0;

    /// <summary>Whether the last character taken is in quotes; the closing quote isn't.</summary>
    public readonly bool IsQuoted => _quote != 0;

    /// <summary>Goes on by one character.</summary>
    public void Take(int c)
    {
        if (_quote != 0)
        {
            if (_isEscaped)
                _isEscaped = false;
            else if (_quote == '"' && c == '\\')
                _isEscaped = true;
            else if (c == _quote)
                (_quote, _isWithinText) = (0, true);
        }
        else if (c is '\n' or '\r')
            (_isComment, _isWithinText) = (false, false);
        else if (!_isComment)
            TakePlain(c);
        _before = c;
    }

    // In single quotes a doubled quote ends and reopens them, which has the same effect.
    private void TakePlain(int c)
    {
        var isAfterBlank = _before is 0 or ' ' or '\n' or '\r' or '\t';
        if (c == '#' && isAfterBlank)
            _isComment = true;
        else if (c is '"' or '\'' && (!_isWithinText || (_before == '\'' && c == '\'')))
            _quote = c;
        else if (c is '{' or '[' or ',' || (c is ' ' && _before is ':' or '-' or '?'))
            _isWithinText = false;
        else if (c is not (' ' or '\t' or '-' or ':' or '?'))
            _isWithinText = true;
    }
}
