import type { ModelEntry } from "../../../gateway/api.ts";

/** A model as `/v1/models` lists it. When it was made is not known. */
export function toModel({ name, backend, capabilities, contextTokens }: ModelEntry) {
  return {
    id: name,
    object: "model",
    created: 0,
    owned_by: backend,
    capabilities,
    context_length: contextTokens,
  };
}
