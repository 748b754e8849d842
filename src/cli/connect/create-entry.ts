import { ModelyardError } from "../../contract/errors.ts";
import type { Client } from "./clients.ts";

/** How a client reaches us: it launches a command, or asks a running server at its address. */
export type Way =
  | { readonly command: string; readonly args: readonly string[] }
  | { readonly url: string };

/** Keys that say how a server is reached: of two forms those of one must go. */
export const wayKeys = ["type", "command", "args", "url", "serverUrl", "httpUrl"] as const;

/** What stands in a client's file for us. @throws ModelyardError `invalid-request` where it takes no address */
export function createEntry({ title, stdio, http }: Client, way: Way): Record<string, unknown> {
  if ("command" in way) return { ...stdio, command: way.command, args: [...way.args] };
  if (http === undefined) {
    throw new ModelyardError("invalid-request", `The file of ${title} takes no address.`, {
      remedy: `Leave --http out, or add ${way.url} in the settings of ${title}.`,
    });
  }
  return { ...http.beside, [http.field]: way.url };
}
