using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;
using SecretRotator.Evidence;
using SecretRotator.Output;
using SecretRotator.Providers.Notifications;

namespace SecretRotator.Tests.Output;

/// <summary>
/// The JSON schema of a result, made of its type: names, order and what may be missing are the serializer's, descriptions are the comments
/// of the code. Objects within the result are definitions, and so is what <c>rules</c> say of texts and numbers.
/// </summary>
internal sealed class ResultSchema
{
    private static readonly JsonSerializerOptions Options = new()
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> NeverEmpty = ["auditedSecret.targets", "control.facts", "window.days"];

    private static readonly Dictionary<string, string> Comments = ReadComments();

    private readonly ILookup<string, ResultRule> _rules;
    private readonly SortedDictionary<string, JsonNode?> _definitions = new(StringComparer.Ordinal);

    private ResultSchema(IEnumerable<ResultRule> rules) => _rules =
        rules.SelectMany(rule => rule.Properties, (rule, property) => (rule, property)).ToLookup(each => each.property, each => each.rule);

    /// <summary>The text of the schema's file.</summary>
    /// <param name="type">The result's type.</param>
    /// <param name="title">The schema's title.</param>
    /// <param name="rules">What is known of texts and numbers besides their type.</param>
    /// <param name="constants">What properties of the result hold, where it isn't what their type says.</param>
    public static string Of(
        Type type, string title, IEnumerable<ResultRule> rules, IEnumerable<KeyValuePair<string, JsonObject>> constants)
    {
        var schema = new ResultSchema(rules);
        var result = schema.Object(type);
        foreach (var (property, constant) in constants)
            result["properties"]![property] = constant;
        var file = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = title };
        foreach (var (keyword, rule) in result)
            file[keyword] = rule!.DeepClone();
        if (schema._definitions.Count > 0)
            file["$defs"] = new JsonObject(schema._definitions);
        return Laid(file, "", 0) + "\n";
    }

    private JsonObject Object(Type type)
    {
        var properties = Options.GetTypeInfo(type).Properties.OrderBy(property => property.Order).ToList();
        return Described(Comments.GetValueOrDefault($"T:{type.FullName}/"), new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray([.. properties.Where(IsRequired).Select(property => (JsonNode)property.Name)]),
            ["properties"] = new JsonObject(
                properties.Select(property => KeyValuePair.Create<string, JsonNode?>(property.Name, Property(type, property)))),
        });
    }

    private JsonObject Property(Type type, JsonPropertyInfo property)
    {
        var member = (PropertyInfo)property.AttributeProvider!;
        var rule = new[] { $"{Name(type)}.{property.Name}", $"{Name(member.DeclaringType!)}.{property.Name}", property.Name }
            .SelectMany(name => _rules[name]).FirstOrDefault();
        var schema = Value(property.PropertyType, rule);
        if (NeverEmpty.Contains($"{Name(type)}.{property.Name}"))
            schema["minItems"] = 1;
        if (IsRequired(property) && property.IsGetNullable)
            schema = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, schema) };
        var declaring = member.DeclaringType!.FullName;
        var comment = Comments.GetValueOrDefault($"P:{declaring}.{member.Name}/")
            ?? Comments.GetValueOrDefault($"T:{declaring}/{member.Name}");
        return Described(comment, schema);
    }

    private JsonObject Value(Type type, ResultRule? rule)
    {
        var value = Nullable.GetUnderlyingType(type);
        if (value is not null && OptionalContext.Default.GetTypeInfo(type) is null)
            throw new InvalidOperationException($"The published program can't write {value}?: {nameof(OptionalContext)} has no such type.");
        type = value ?? type;
        var info = Options.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable)
            return new JsonObject { ["type"] = "array", ["items"] = Value(info.ElementType!, rule) };
        if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            return new JsonObject
            {
                ["type"] = "object",
                ["propertyNames"] = Value(typeof(string), rule),
                ["additionalProperties"] = Value(info.ElementType!, null),
            };
        }

        if (info.Kind == JsonTypeInfoKind.Object)
            return Reference(Name(type), () => Object(type));
        if (rule is not null)
            return Reference(rule.Name, () => (JsonObject)rule.Schema.DeepClone());
        return type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(string) ? new JsonObject { ["type"] = "string" }
            : type == typeof(int) || type == typeof(long) ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 }
            : throw new InvalidOperationException($"{type} needs a rule.");
    }

    private JsonObject Reference(string name, Func<JsonObject> define)
    {
        if (_definitions.TryAdd(name, null))
            _definitions[name] = define();
        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private static string Name(Type type) =>
        JsonNamingPolicy.CamelCase.ConvertName(type.Name.Replace("Json", "", StringComparison.Ordinal));

    private static bool IsRequired(JsonPropertyInfo property) =>
        !property.IsGetNullable
        || ((PropertyInfo)property.AttributeProvider!).GetCustomAttribute<JsonIgnoreAttribute>()?.Condition == JsonIgnoreCondition.Never;

    private static JsonObject Described(string? description, JsonObject schema)
    {
        if (description is not null)
            schema.Insert(0, "description", description);
        return schema;
    }

    // As people write schemas: what fits into a line is one, and words fill lines.
    private static string Laid(JsonNode? node, string indent, int column)
    {
        const int Columns = 140;
        var inner = indent + "  ";
        string[] parts = node switch
        {
            JsonObject members => [.. members.Select(member => (Key: $"{JsonSerializer.Serialize(member.Key, Plain)}: ", member.Value))
                .Select(member => member.Key + Laid(member.Value, inner, inner.Length + member.Key.Length))],
            JsonArray items => [.. items.Select(item => Laid(item, inner, inner.Length))],
            _ => [],
        };
        if (parts.Length == 0)
            return node!.ToJsonString(Plain);
        var (open, space, close) = node is JsonObject ? ('{', " ", '}') : ('[', "", ']');
        var line = $"{open}{space}{string.Join(", ", parts)}{space}{close}";
        if (column + line.Length < Columns && !line.Contains('\n', StringComparison.Ordinal))
            return line;
        var text = new StringBuilder().Append(open);
        var end = Columns;
        foreach (var (index, part) in parts.Index())
        {
            var fits = node is JsonArray list && list[index] is JsonValue && end + part.Length + 2 <= Columns;
            end = (fits ? end + 1 : inner.Length) + part.Length + 1;
            text.Append(fits ? " " : $"\n{inner}").Append(part).Append(index < parts.Length - 1 ? "," : "");
        }

        return text.Append('\n').Append(indent).Append(close).ToString();
    }

    private static Dictionary<string, string> ReadComments()
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assembly in new[] { typeof(ResultJson).Assembly, typeof(NotificationJson).Assembly, typeof(RecordedFailure).Assembly })
            foreach (var member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
                foreach (var part in member.Elements().Where(part => part.Name.LocalName is "summary" or "param"))
                {
                    var words = part.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    comments[$"{member.Attribute("name")!.Value}/{part.Attribute("name")?.Value}"] = string.Join(' ', words);
                }

        return comments;
    }
}

/// <summary>What is known of texts or numbers besides their type.</summary>
/// <param name="Name">The definition's name.</param>
/// <param name="Schema">The definition.</param>
/// <param name="Properties">Of which ones: <c>property</c>, or <c>type.property</c>, which takes precedence.</param>
internal sealed record ResultRule(string Name, JsonObject Schema, params string[] Properties);
