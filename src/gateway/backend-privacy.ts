import { classOfUrl, type Lookup } from "../contract/http/class-of-url.ts";
import { widestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import { proxiesOf, proxyOfUrl } from "../contract/http/proxies.ts";
import type { Reach } from "../pipeline/call.ts";
import type { Placement } from "./placement-of.ts";

export interface BackendPrivacyOptions {
  /** What its definition says. */
  readonly placement: Pick<Placement, "sends" | "upstream">;
  /** What its configuration declares. */
  readonly declared?: PrivacyClass | undefined;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly lookup?: Lookup | undefined;
}

/** How far a backend's prompts travel. At once where that is known. */
export interface BackendPrivacy {
  /** Anywhere while its name can't be resolved. */
  widest(): PrivacyClass | Promise<PrivacyClass>;
  reach(): Reach | Promise<Reach>;
}

/**
 * How far a backend's prompts travel: as far as the address that it sends to, or further where its configuration says so. One that
 * sends by other means than the `fetch` it is given reaches as far as its configuration says, anywhere where that is silent. An
 * address is resolved when first asked for, and keeps its class; after that it is known at once.
 */
export function createBackendPrivacy(options: BackendPrivacyOptions): BackendPrivacy {
  const { placement, declared = "device", environment = process.env, lookup } = options;
  const { sends: how, upstream } = placement;
  const url = upstream?.url;
  let known: PrivacyClass | undefined;
  if (how === "nothing") known = declared;
  else if (how === "by-itself") known = options.declared ?? "remote";
  else if (url === undefined || declared === "remote") known = "remote";

  async function resolve(address: URL): Promise<Reach> {
    const found = await classOfUrl(address, lookup);
    if (found !== undefined) known ??= widestOf([found, declared]);
    // Another call may have resolved it meanwhile.
    if (known !== undefined) return known;
    // What can't be resolved now may be resolved another time; what a proxy resolves lies behind it.
    const isProxied = proxyOfUrl(address, proxiesOf(environment)) !== undefined;
    return isProxied ? "remote" : { unresolved: true, atLeast: declared };
  }

  const reach = () => known ?? resolve(new URL(url!));
  return {
    reach,
    widest: () => known ?? resolve(new URL(url!)).then(widestOfReach),
  };
}

export function widestOfReach(reach: Reach): PrivacyClass {
  return typeof reach === "string" ? reach : "remote";
}
