using System.Buffers;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Splits a script into its command lines as a shell would, as far as a review needs it: quotes, continuations, comments,
/// here-documents.</summary>
internal sealed class ScriptLexer
{
    // Longer lines are looked at in parts: time must stay in proportion to the file.
    private const int LongestCommand = 8_000;

    private static readonly SearchValues<char> EndOfWord = SearchValues.Create(" \t\n;|&>)");

    private readonly string _script;
    private readonly Func<int, Position> _place;
    private readonly ImmutableArray<ScriptCommand>.Builder _commands = ImmutableArray.CreateBuilder<ScriptCommand>();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _skeleton = new();
    private readonly List<int> _offsets = [];
    private readonly Queue<(string End, bool Expands)> _hereDocuments = new();
    private int _next;
    private char _quote;
    private bool _keepsQuoted;
    private int _substitutions;
    private bool _inVariable;

    private ScriptLexer(string script, Func<int, Position> place)
    {
        _script = script;
        _place = place;
    }

    /// <summary>The command lines of a script.</summary>
    /// <param name="script">Its text.</param>
    /// <param name="place">Where an offset of it is in the file.</param>
    public static ImmutableArray<ScriptCommand> Split(string script, Func<int, Position> place)
    {
        var lexer = new ScriptLexer(script, place);
        while (lexer._next < script.Length)
            lexer.Step();
        lexer.End();
        return lexer._commands.ToImmutable();
    }

    private void Step()
    {
        var c = _script[_next];
        if (c == '\\' && _quote != '\'' && _next + 1 < _script.Length)
        {
            var isContinuation = _script[_next + 1] == '\n';
            Take(isContinuation ? ' ' : c, isContinuation ? ' ' : Filled(c));
            Take(isContinuation ? ' ' : _script[_next], isContinuation ? ' ' : Filled('x'));
        }
        else if (_quote != '\0')
            StepInQuotes(c);
        else if (c is '"' or '\'')
            Open(c);
        else if (c == '#' && (_text.Length == 0 || char.IsWhiteSpace(_text[^1])))
            SkipLine();
        else if (c == '\n')
            EndLine();
        else
        {
            if (c == '<' && At(1) == '<' && At(2) != '<' && (_next == 0 || _script[_next - 1] != '<'))
                NoteHereDocument();
            Take(c, c);
        }

        if (_text.Length >= LongestCommand)
            End();
    }

    private void StepInQuotes(char c)
    {
        if (c == _quote && _substitutions == 0)
        {
            _quote = '\0';
            _inVariable = false;
            Take(c, c);
            return;
        }

        if (_quote == '"' && c == '$')
            _inVariable = true;
        else if (_inVariable && !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '{' or '}' or '(' or ':' or '#' or '+' or '-'))
            _inVariable = false;
        if (_quote == '"' && c == '$' && At(1) == '(')
            _substitutions++;
        var kept = _keepsQuoted || _inVariable || _substitutions > 0 || (_quote == '"' && c == '`');
        if (c == ')' && _substitutions > 0)
            _substitutions--;
        Take(c == '\n' ? ' ' : c, c == '\n' ? ' ' : kept ? c : 'x');
    }

    private void Open(char quote)
    {
        _quote = quote;
        _substitutions = 0;
        var before = _text.ToString(Math.Max(0, _text.Length - 12), Math.Min(12, _text.Length)).TrimEnd();
        var option = before[(before.LastIndexOf(' ') + 1)..];
        _keepsQuoted = option.StartsWith('-') && option.EndsWith('c') && !option.StartsWith("--", StringComparison.Ordinal);
        Take(quote, quote);
    }

    // A pipe or a condition at the end of a line goes on in the next one.
    private void EndLine()
    {
        var written = _skeleton.ToString().AsSpan().TrimEnd();
        if (_hereDocuments.Count == 0 && (written.EndsWith("|") || written.EndsWith("&&")))
        {
            Take(' ', ' ');
            return;
        }

        _next++;
        End();
        while (_hereDocuments.TryDequeue(out var document))
        {
            var (start, end) = (_next, _next);
            while (_next < _script.Length && !TakeLine().Trim().SequenceEqual(document.End))
                end = _next;
            if (_commands.Count > 0)
                _commands[^1] = _commands[^1] with
                {
                    Documents = _commands[^1].Documents.Add(new HereDocument(_script[start..end], document.Expands, start, _place)),
                };
        }
    }

    private void NoteHereDocument()
    {
        var rest = _script.AsSpan(_next + 2).TrimStart("- \t");
        var word = rest[..(rest.IndexOfAny(EndOfWord) is var end and >= 0 ? end : rest.Length)].Trim("'\"\\");
        if (!word.IsEmpty && (char.IsAsciiLetter(word[0]) || word[0] == '_'))
            _hereDocuments.Enqueue((word.ToString(), Expands: rest[0] is not ('\'' or '"' or '\\')));
    }

    private ReadOnlySpan<char> TakeLine()
    {
        var rest = _script.AsSpan(_next);
        var end = rest.IndexOf('\n');
        _next += end < 0 ? rest.Length : end + 1;
        return end < 0 ? rest : rest[..end];
    }

    private void SkipLine()
    {
        var end = _script.IndexOf('\n', _next);
        _next = end < 0 ? _script.Length : end;
    }

    private char Filled(char c) => _quote == '\0' || _keepsQuoted ? c : 'x';

    private char At(int ahead) => _next + ahead < _script.Length ? _script[_next + ahead] : '\0';

    private void Take(char text, char skeleton)
    {
        _text.Append(text);
        _skeleton.Append(skeleton);
        _offsets.Add(_next++);
    }

    private void End()
    {
        if (!string.IsNullOrWhiteSpace(_text.ToString()))
            _commands.Add(new ScriptCommand(_text.ToString(), _skeleton.ToString(), [.. _offsets], _place));
        _text.Clear();
        _skeleton.Clear();
        _offsets.Clear();
    }
}
