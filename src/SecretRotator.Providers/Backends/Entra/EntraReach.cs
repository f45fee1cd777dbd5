namespace SecretRotator.Providers.Backends.Entra;

/// <summary>How Entra and Graph are reached for one application.</summary>
/// <param name="Tenant">The directory that the application is registered in.</param>
/// <param name="Entra">Reaches Entra's authority.</param>
/// <param name="Graph">Reaches Graph.</param>
/// <param name="GraphAddress">Where Graph answers.</param>
/// <param name="Scope">What tokens are asked for: Graph's default scope, in the same cloud.</param>
internal sealed record EntraReach(string Tenant, HttpClient Entra, IGraphApi Graph, Uri GraphAddress, string Scope);
