import type { AnyBackendDefinition } from "../contract/backend.ts";
import { classOfUrl } from "../contract/http/class-of-url.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";

/** How far a backend's prompts travel, from where it says that it sends. It is resolved when first asked, and stays what it was then. */
export function createBackendPrivacy(
  { sends, upstream }: Pick<AnyBackendDefinition, "sends" | "upstream">,
  config: unknown,
): () => Promise<PrivacyClass> {
  const how = typeof sends === "function" ? sends(config) : sends;
  const url = upstream?.(config)?.url;
  let known: PrivacyClass | undefined;

  return async () => {
    if (how === "nothing") return "device";
    if (how === "by-itself" || url === undefined) return "remote";
    known ??= await classOfUrl(new URL(url));
    return known ?? "remote";
  };
}
