import { isIP } from "node:net";
import { classOfAddress, widestOf, type PrivacyClass } from "./privacy-class.ts";

/** A URL's host as a name or an address, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The class of where a URL leads, the widest where its name has several addresses; undefined where it can't be resolved. */
export async function classOfUrl(url: URL): Promise<PrivacyClass | undefined> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return classOfAddress(host);
  const { lookup } = await import("node:dns/promises");
  try {
    const addresses = await lookup(host, { all: true });
    return widestOf(addresses.map(({ address }) => classOfAddress(address)));
  } catch {
    return undefined; // a proxy may know it nevertheless: that is for the caller to say
  }
}
