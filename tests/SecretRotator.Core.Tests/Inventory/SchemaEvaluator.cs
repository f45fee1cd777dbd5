using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecretRotator.Tests.Inventory;

/// <summary>Judges a document by a JSON schema, with the keywords of draft 2020-12 that ours uses. Any other keyword is an error.</summary>
internal sealed class SchemaEvaluator(JsonObject root)
{
    private static readonly HashSet<string> Annotations =
    [
        "$schema",
        "$id",
        "$defs",
        "components",
        "title",
        "description",
        "default",
        "example",
        "examples",
    ];

    public bool Accepts(JsonNode? document) => Accepts(root, document);

    public JsonObject Resolve(string reference) =>
        reference.TrimStart('#', '/').Split('/')
            .Aggregate((JsonNode)root, (node, step) => node[step] ?? throw new InvalidOperationException($"Nothing at {reference}."))
        as JsonObject ?? throw new InvalidOperationException($"No schema at {reference}.");

    private bool Accepts(JsonNode schema, JsonNode? value)
    {
        if (schema.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return schema.GetValue<bool>();
        return schema.AsObject()
            .All(keyword => Annotations.Contains(keyword.Key) || Holds(keyword.Key, keyword.Value!, schema.AsObject(), value));
    }

    private bool Holds(string keyword, JsonNode rule, JsonObject schema, JsonNode? value) => keyword switch
    {
        "$ref" => Accepts(Resolve(rule.GetValue<string>()), value),
        "allOf" => rule.AsArray().All(part => Accepts(part!, value)),
        "anyOf" => rule.AsArray().Any(part => Accepts(part!, value)),
        "not" => !Accepts(rule, value),
        "oneOf" => rule.AsArray().Count(part => Accepts(part!, value)) == 1,
        "if" => Accepts((Accepts(rule, value) ? schema["then"] : schema["else"]) ?? true, value),
        "then" or "else" => true,
        "const" => JsonNode.DeepEquals(rule, value),
        "enum" => rule.AsArray().Any(word => JsonNode.DeepEquals(word, value)),
        "type" => IsType(rule.GetValue<string>(), value),
        _ => value switch
        {
            JsonObject mapping => HoldsForObject(keyword, rule, schema, mapping),
            JsonArray list => HoldsForArray(keyword, rule, list),
            _ => HoldsForScalar(keyword, rule, value),
        },
    };

    private static bool IsType(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() is JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value?.GetValueKind() is JsonValueKind.Number && decimal.IsInteger(value.GetValue<decimal>()),
        "number" => value?.GetValueKind() is JsonValueKind.Number,
        "null" => value is null,
        _ => throw new InvalidOperationException($"The evaluator doesn't know the type {type}."),
    };

    private bool HoldsForObject(string keyword, JsonNode rule, JsonObject schema, JsonObject mapping) => keyword switch
    {
        "properties" => mapping.All(entry => rule[entry.Key] is not { } part || Accepts(part, entry.Value)),
        "additionalProperties" => mapping.Where(entry => schema["properties"]?[entry.Key] is null).All(entry => Accepts(rule, entry.Value)),
        "propertyNames" => mapping.All(entry => Accepts(rule, JsonValue.Create(entry.Key))),
        "required" => rule.AsArray().All(key => mapping.ContainsKey(key!.GetValue<string>())),
        "dependentRequired" =>
            rule.AsObject()
                .All(entry => !mapping.ContainsKey(entry.Key)
                    || entry.Value!.AsArray().All(key => mapping.ContainsKey(key!.GetValue<string>()))),
        "minProperties" => mapping.Count >= rule.GetValue<int>(),
        "maxProperties" => mapping.Count <= rule.GetValue<int>(),
        _ =>
            IsForOthers(
                keyword, "items", "minItems", "maxItems", "uniqueItems", "pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum",
                "maximum", "multipleOf"),
    };

    private bool HoldsForArray(string keyword, JsonNode rule, JsonArray list) => keyword switch
    {
        "items" => list.All(item => Accepts(rule, item)),
        "minItems" => list.Count >= rule.GetValue<int>(),
        "maxItems" => list.Count <= rule.GetValue<int>(),
        "uniqueItems" => list.Select(item => item?.ToJsonString()).Distinct(StringComparer.Ordinal).Count() == list.Count,
        _ =>
            IsForOthers(
                keyword, "properties", "additionalProperties", "propertyNames", "required", "dependentRequired", "minProperties",
                "maxProperties", "pattern", "minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum", "multipleOf"),
    };

    private static bool HoldsForScalar(string keyword, JsonNode rule, JsonNode? value) => (keyword, value?.GetValueKind()) switch
    {
        // JavaScript's $ is the end of the text, where .NET's also stands before a last line break.
        ("pattern", JsonValueKind.String) =>
            Regex.IsMatch(
                value!.GetValue<string>(), rule.GetValue<string>().Replace("$", "(?![\\s\\S])", StringComparison.Ordinal),
                RegexOptions.ECMAScript, TimeSpan.FromSeconds(10)),
        ("minLength", JsonValueKind.String) => value!.GetValue<string>().EnumerateRunes().Count() >= rule.GetValue<int>(),
        ("maxLength", JsonValueKind.String) => value!.GetValue<string>().EnumerateRunes().Count() <= rule.GetValue<int>(),
        ("minimum", JsonValueKind.Number) => value!.GetValue<decimal>() >= rule.GetValue<int>(),
        ("exclusiveMinimum", JsonValueKind.Number) => value!.GetValue<decimal>() > rule.GetValue<int>(),
        ("maximum", JsonValueKind.Number) => value!.GetValue<decimal>() <= rule.GetValue<int>(),
        ("multipleOf", JsonValueKind.Number) => value!.GetValue<decimal>() % rule.GetValue<int>() == 0,
        _ =>
            IsForOthers(
                keyword, "properties", "additionalProperties", "propertyNames", "required", "dependentRequired", "minProperties",
                "maxProperties", "items", "minItems", "maxItems", "uniqueItems", "pattern", "minLength", "maxLength", "minimum",
                "exclusiveMinimum", "maximum", "multipleOf"),
    };

    private static bool IsForOthers(string keyword, params string[] others) =>
        others.Contains(keyword, StringComparer.Ordinal)
            ? true
            : throw new InvalidOperationException($"The evaluator doesn't know the keyword {keyword}.");
}
