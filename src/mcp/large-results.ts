import { randomUUID } from "node:crypto";
import type { ResourceLink } from "@modelcontextprotocol/server";

/** Parts of results that are too long for a model to read, kept for a while so that a program can fetch them. */
export interface LargeResults {
  /** Keeps a JSON text for its owner, where callers have names; gives the link for the result. */
  add(name: string, json: string, owner?: string): ResourceLink;
  /** The JSON text; undefined where it is not there, no more, or another one's. */
  read(id: string, owner?: string): string | undefined;
}

export interface LargeResultsOptions {
  /** How long one is kept, in milliseconds. */
  keptMs?: number;
  /** How much is kept in all, in characters; the oldest goes first. */
  maxLength?: number;
}

/** The address of a large result, as a template. Ids can't be guessed: there is no list of them. */
export const largeResultTemplate = "results://{id}";

/** Keeps large results in memory, within limits of size and time. */
export function createLargeResults({
  keptMs = 10 * 60_000,
  maxLength = 128_000_000,
}: LargeResultsOptions = {}): LargeResults {
  /** In the order of their coming. */
  const kept = new Map<string, { json: string; owner?: string; expiry: NodeJS.Timeout }>();
  let length = 0;

  function drop(id: string): void {
    const found = kept.get(id);
    if (found === undefined) return;
    clearTimeout(found.expiry);
    kept.delete(id);
    length -= found.json.length;
  }

  return {
    add(name, json, owner) {
      const id = randomUUID();
      const expiry = setTimeout(drop, keptMs, id);
      expiry.unref();
      kept.set(id, { json, ...(owner === undefined ? {} : { owner }), expiry });
      length += json.length;
      for (const oldest of kept.keys()) {
        if (length <= maxLength || oldest === id) break;
        drop(oldest);
      }
      return {
        type: "resource_link",
        uri: `results://${id}`,
        name,
        description: `Kept for ${Math.round(keptMs / 60_000)} minutes`,
        mimeType: "application/json",
        size: Buffer.byteLength(json),
      };
    },
    read(id, owner) {
      const found = kept.get(id);
      return found?.owner === owner ? found?.json : undefined;
    },
  };
}
