using Gossipdb.Client;
using Gossipdb.Client.Routing;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Looks at options as a client does that is created with them.</summary>
internal sealed class OptionsValidation : IValidateOptions<GossipdbOptions>
{
    public ValidateOptionsResult Validate(string? name, GossipdbOptions options)
    {
        try
        {
            _ = new ClientSettings(options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException wrong)
        {
            var whose = string.IsNullOrEmpty(name) ? "Gossipdb's client" : $"Gossipdb's client '{name}'";
            return ValidateOptionsResult.Fail($"{whose}: {wrong.Message}");
        }
    }
}
