import { inOrder, type Answer } from "../answer.ts";
import { askRealServer } from "../ask-real-server.ts";
import type { SeenRequest } from "../exchange.ts";
import { createGivenNames } from "./given-names.ts";

/**
 * What the real servers answer, for all backends that are made. The same request is asked once and its answer repeated: a slow or
 * costly server is spared, and what differs between two answers is then the backend's doing.
 */
export interface Recordings {
  /** For one backend: what it is answered is repeated to others only once it is settled. */
  forBackend(): OwnRecordings;
}

export interface OwnRecordings {
  answer(origin: string, request: SeenRequest, signal: AbortSignal): Promise<Answer>;
  /** The latest answer at this request's path, whatever was asked; undefined where there was none. */
  latest(origin: string, request: SeenRequest): Answer | undefined;
  /** The name that this request asks for, out of what an earlier one was answered: a job's. */
  nameIn(request: SeenRequest): string | undefined;
  /**
   * No call is under way: what was answered so far may be repeated. Until then what it named (a job) might still be asked for, and
   * two calls that were given the same job would stop each other's. `isGivenUp`: a call was, so that nobody knows; it is forgotten.
   */
  settle(options: { isGivenUp: boolean }): void;
}

/** Longer requests, and longer answers, are asked anew: they would fill the memory. */
const longestRequest = 4 * 1024;
const longestKept = 64 * 1024;

interface Kept extends Answer {
  readonly bytes: readonly Buffer[];
  /** Whose answer it was: method and address. */
  readonly place: string;
}

export function createRecordings(): Recordings {
  const shared = new Map<string, Kept>();
  const latest = new Map<string, string>();
  /** Where answers name what is asked for later: such a name is good for one call. */
  const naming = new Set<string>();

  function forBackend(): OwnRecordings {
    const own = new Map<string, Kept>();
    const unsettled = new Map<string, Kept>();
    const names = createGivenNames();

    function again(key: string | undefined): Answer | undefined {
      const known = key === undefined ? undefined : (own.get(key) ?? shared.get(key));
      if (known === undefined || naming.has(known.place)) return undefined;
      return { ...known, parts: inOrder(known.bytes) };
    }

    async function answer(
      origin: string,
      request: SeenRequest,
      signal: AbortSignal,
    ): Promise<Answer> {
      const { method, path, bytes } = request;
      const place = `${method} ${origin}${path}`;
      const key = `${place}\n${bytes.toString("latin1")}`;
      const asksFor = names.findIn(request);
      if (asksFor !== undefined) naming.add(asksFor.place);
      const known = asksFor === undefined ? again(key) : undefined;
      if (known !== undefined) return known;
      const fresh = await askRealServer(request, { url: origin, signal });
      if (method !== "POST" || fresh.status >= 300) return fresh;
      const isKept =
        fresh.status === 200 && bytes.length <= longestRequest && asksFor === undefined;
      return {
        ...fresh,
        parts: noted(fresh.parts, (parts) => {
          names.add(place, request, fresh, parts);
          if (isKept && !unsettled.has(key)) unsettled.set(key, { ...fresh, bytes: parts, place });
        }),
      };
    }

    return {
      answer,
      latest: (origin, { method, path }) => again(latest.get(`${method} ${origin}${path}`)),
      nameIn: (request) => names.findIn(request)?.name,
      settle({ isGivenUp }) {
        for (const [key, kept] of isGivenUp ? [] : unsettled) {
          if (naming.has(kept.place)) continue;
          own.set(key, kept);
          latest.set(kept.place, key);
          if (!shared.has(key)) shared.set(key, kept);
        }
        unsettled.clear();
      },
    };
  }

  return { forBackend };
}

/** The same parts, told once all have come. */
async function* noted(
  parts: AsyncIterable<Buffer>,
  onWhole: (parts: readonly Buffer[]) => void,
): AsyncGenerator<Buffer> {
  const seen: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length <= longestKept) seen.push(part);
    yield part;
  }
  if (length <= longestKept) onWhole(seen);
}
