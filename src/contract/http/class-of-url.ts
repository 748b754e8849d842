import type { LookupAddress, LookupAllOptions } from "node:dns";
import { isIP } from "node:net";
import { classOfAddress, widestOf, type PrivacyClass } from "./privacy-class.ts";

/** Resolves a name to all its addresses: `lookup` of `node:dns`, or what a test puts in its place. */
export type Lookup = (
  host: string,
  options: LookupAllOptions,
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** A URL's host as a name or an address, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The addresses that a URL's host has; undefined where its name can't be resolved. */
export async function addressesOfUrl(
  url: URL,
  lookup?: Lookup,
): Promise<readonly string[] | undefined> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  const resolve: Lookup = lookup ?? (await import("node:dns")).lookup;
  return new Promise((settle) => {
    resolve(host, { all: true }, (error, found) => {
      // A proxy may know it nevertheless: what it means is for the caller to say.
      const known = error === null && found.length > 0;
      settle(known ? found.map(({ address }) => address) : undefined);
    });
  });
}

/** The class of where a URL leads, the widest where its name has several addresses; undefined where it can't be resolved. */
export async function classOfUrl(url: URL, lookup?: Lookup): Promise<PrivacyClass | undefined> {
  const addresses = await addressesOfUrl(url, lookup);
  return addresses === undefined ? undefined : widestOf(addresses.map(classOfAddress));
}
