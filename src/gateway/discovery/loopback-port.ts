import { hostOf } from "../../contract/http/class-of-url.ts";
import { classOfAddress } from "../../contract/http/privacy-class.ts";

/** The port of an address on this device, however its host is spelt; undefined for any other address. */
export function loopbackPort(address: string): number | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const host = hostOf(url);
  if (!/(^|\.)localhost$/.test(host) && classOfAddress(host) !== "device") return undefined;
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}
