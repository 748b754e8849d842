import type { ProviderWarning } from "./api.ts";

/** What the SDK calls otherwise than we do. */
const ourNames: Readonly<Record<string, string>> = {
  maxOutputTokens: "maxTokens",
  stopSequences: "stop",
  responseFormat: "responseSchema",
};

/** A provider's warning in plain words. */
export function describeWarning(warning: ProviderWarning, provider: string): string {
  switch (warning.type) {
    case "unsupported":
      return `${provider} does not support ${nameOf(warning.feature)}${detailsOf(warning)}`;
    case "compatibility":
      return `${provider} only imitates ${nameOf(warning.feature)}${detailsOf(warning)}`;
    case "deprecated":
      return `${provider}: ${warning.setting} is deprecated: ${warning.message}`;
    default:
      return `${provider}: ${warning.message}`;
  }
}

function nameOf(feature: string): string {
  return ourNames[feature] ?? feature;
}

function detailsOf({ details }: { details?: string }): string {
  return details === undefined || details === "" ? "." : `: ${details}`;
}

/** Passes each sentence on once: a provider repeats its warnings with every request that a call takes. */
export function warnOnce(warn: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    warn(message);
  };
}
