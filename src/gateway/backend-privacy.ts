import type { AnyBackendDefinition } from "../contract/backend.ts";
import { classOfUrl, type Lookup } from "../contract/http/class-of-url.ts";
import { widestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import { proxiesOf, proxyOfUrl } from "../contract/http/proxies.ts";

export interface BackendPrivacy {
  /** Its class, at once where that is known. */
  (): PrivacyClass | Promise<PrivacyClass>;
  /** Whether it is known where it sends: not while its name can't be resolved, by a proxy neither. */
  readonly located: boolean;
}

export interface BackendPrivacyOptions {
  readonly definition: Pick<AnyBackendDefinition, "sends" | "upstream">;
  readonly config: unknown;
  /** What its configuration declares. */
  readonly declared?: PrivacyClass | undefined;
  readonly lookup?: Lookup | undefined;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * How far a backend's prompts travel: as far as the address that it sends to, or further where its configuration says so. One that
 * sends by other means than the `fetch` it is given reaches as far as its configuration says, anywhere where that is silent. An
 * address is resolved when first asked for, and keeps its class; after that it is known at once.
 */
export function createBackendPrivacy(options: BackendPrivacyOptions): BackendPrivacy {
  const { definition, config, declared, lookup, environment = process.env } = options;
  const { sends, upstream } = definition;
  const how = typeof sends === "function" ? sends(config) : sends;
  const url = upstream?.(config)?.url;
  const wider = (found: PrivacyClass) => widestOf([found, declared ?? "device"]);
  let known: PrivacyClass | undefined;
  let located = true;
  if (how === "nothing") known = wider("device");
  else if (how === "by-itself") known = declared ?? "remote";
  else if (url === undefined || declared === "remote") known = "remote";

  async function resolve(address: string): Promise<PrivacyClass> {
    const to = new URL(address);
    const found = await classOfUrl(to, lookup);
    located = found !== undefined || proxyOfUrl(to, proxiesOf(environment)) !== undefined;
    // What can't be resolved now may be resolved another time.
    if (found === undefined) return "remote";
    return (known ??= wider(found));
  }

  const privacy = () => known ?? resolve(url!);
  return Object.defineProperty(privacy, "located", { get: () => located }) as BackendPrivacy;
}
