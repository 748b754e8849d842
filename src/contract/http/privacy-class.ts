import { BlockList, isIP } from "node:net";

/** How far bytes travel, from the narrowest: on this device, in a private network, anywhere. */
export const privacyClasses = ["device", "network", "remote"] as const;
export type PrivacyClass = (typeof privacyClasses)[number];

/** What a class must be, in words. */
export const privacyClassRule = "Must be device, network or remote.";

export function isPrivacyClass(value: unknown): value is PrivacyClass {
  return (privacyClasses as readonly unknown[]).includes(value);
}

/** Whether `one` reaches further than `other`. */
export function isWider(one: PrivacyClass, other: PrivacyClass): boolean {
  return privacyClasses.indexOf(one) > privacyClasses.indexOf(other);
}

/** The widest of several; `device` where there are none. */
export function widestOf(classes: Iterable<PrivacyClass>): PrivacyClass {
  let widest: PrivacyClass = "device";
  for (const each of classes) if (isWider(each, widest)) widest = each;
  return widest;
}

/** The narrowest of several; `remote` where there are none. */
export function narrowestOf(classes: Iterable<PrivacyClass>): PrivacyClass {
  let narrowest: PrivacyClass = "remote";
  for (const each of classes) if (isWider(narrowest, each)) narrowest = each;
  return narrowest;
}

/** Loopback, and the unspecified addresses, which lead there. */
const device = blockList(["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"]);

/** Addresses that no public network routes: RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291. */
const network = blockList([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
  "fe80::/10",
]);

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = "", prefix] = subnet.split("/");
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The class of an IP address, IPv4 in IPv6 and zones included; `remote` for what is no address. */
export function classOfAddress(address: string): PrivacyClass {
  const [plain = ""] = address.split("%", 1);
  if (isIP(plain) === 0) return "remote";
  if (device.check(plain, familyOf(plain))) return "device";
  return network.check(plain, familyOf(plain)) ? "network" : "remote";
}
