namespace SecretRotator.Tests.Contracts;

/// <summary>Atlassian's own description of the REST API, as far as checking calls against it takes.</summary>
internal sealed class OpenApiDescription
{
    private const string Base = "/2.0";

    private readonly JsonElement _root;

    private OpenApiDescription(JsonElement root) => _root = root;

    /// <summary>Every operation: its method and the template of its path.</summary>
    public IEnumerable<string> Operations =>
        from path in _root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select $"{operation.Name.ToUpperInvariant()} {path.Name}";

    /// <summary>References to the components that no operation reaches.</summary>
    public IEnumerable<string> Unreached
    {
        get
        {
            var reached = new HashSet<string>(StringComparer.Ordinal);
            Reach(_root.GetProperty("paths"));
            return
                from kind in _root.GetProperty("components").EnumerateObject()
                from component in kind.Value.EnumerateObject()
                let reference = $"#/components/{kind.Name}/{component.Name}"
                where !reached.Contains(reference)
                select reference;

            void Reach(JsonElement element)
            {
                if (element.ValueKind == JsonValueKind.Array)
                    element.EnumerateArray().ToList().ForEach(Reach);
                else if (element.ValueKind == JsonValueKind.Object && !element.TryGetProperty("$ref", out _))
                    element.EnumerateObject().ToList().ForEach(member => Reach(member.Value));
                else if (element.ValueKind == JsonValueKind.Object && reached.Add(element.GetProperty("$ref").GetString()!))
                    Reach(Resolve(element));
            }
        }
    }

    /// <summary>The part of the description that is kept in <c>tests/Data</c>.</summary>
    public static OpenApiDescription Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathOf("bitbucket/openapi.json")));
        return new(document.RootElement.Clone());
    }

    /// <summary>The operation that a request meets, or null where the description has none.</summary>
    public OpenApiOperation? Operation(string method, Uri uri)
    {
        // The description has no slash at the end of a path; a listing that answered 404 is asked for once with it.
        var path = method == "GET" ? uri.AbsolutePath.TrimEnd('/') : uri.AbsolutePath;
        if (!path.StartsWith(Base, StringComparison.Ordinal))
            return null;
        var segments = path[Base.Length..].Split('/');
        foreach (var template in _root.GetProperty("paths").EnumerateObject())
        {
            var wanted = template.Name.Split('/');
            if (wanted.Length == segments.Length
                && wanted.Zip(segments).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second)
                && template.Value.TryGetProperty(method.ToLowerInvariant(), out var operation))
                return new(this, template.Name, operation);
        }
        return null;
    }

    /// <summary>What is wrong with a value, by a schema.</summary>
    public IEnumerable<string> Flaws(JsonElement value, JsonElement schema, string at)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var flaw in all.EnumerateArray().SelectMany(part => Flaws(value, part, at)))
                yield return flaw;
        }
        if (schema.TryGetProperty("type", out var type) && !IsOf(value, type.GetString()!))
        {
            yield return $"{at} is {value.ValueKind}, not {type}";
            yield break;
        }
        if (value.ValueKind == JsonValueKind.Object)
        {
            if (schema.TryGetProperty("required", out var required))
            {
                foreach (var name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
                    yield return $"{at}.{name} is missing";
            }
            if (schema.TryGetProperty("properties", out var properties))
            {
                foreach (var property in properties.EnumerateObject().Where(p => value.TryGetProperty(p.Name, out _)))
                {
                    foreach (var flaw in Flaws(value.GetProperty(property.Name), property.Value, $"{at}.{property.Name}"))
                        yield return flaw;
                }
            }
        }
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var flaw in value.EnumerateArray().SelectMany((item, i) => Flaws(item, items, $"{at}[{i}]")))
                yield return flaw;
        }
    }

    /// <summary>The names of all properties that a schema declares.</summary>
    public IEnumerable<string> Properties(JsonElement schema)
    {
        schema = Resolve(schema);
        var own = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(p => p.Name) : [];
        return schema.TryGetProperty("allOf", out var all) ? own.Concat(all.EnumerateArray().SelectMany(Properties)) : own;
    }

    /// <summary>Follows a reference.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        while (element.TryGetProperty("$ref", out var reference))
        {
            var target = _root;
            foreach (var name in reference.GetString()!.Split('/')[1..])
                target = target.GetProperty(name);
            element = target;
        }
        return element;
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}

/// <summary>One operation of the description.</summary>
internal sealed record OpenApiOperation(OpenApiDescription Description, string Template, JsonElement Json)
{
    /// <summary>The schema of the request's JSON body, or null where it has none.</summary>
    public JsonElement? RequestSchema =>
        Json.TryGetProperty("requestBody", out var body)
            ? Description.Resolve(body).GetProperty("content").GetProperty("application/json").GetProperty("schema")
            : null;

    /// <summary>Whether the description declares a status.</summary>
    public bool Declares(int status) => Json.GetProperty("responses").TryGetProperty($"{status}", out _);

    /// <summary>The schema of an answer's JSON body, or null where it has none.</summary>
    public JsonElement? AnswerSchema(int status) =>
        Description.Resolve(Json.GetProperty("responses").GetProperty($"{status}")).TryGetProperty("content", out var content)
            ? content.GetProperty("application/json").GetProperty("schema")
            : null;
}
