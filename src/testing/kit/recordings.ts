import { inOrder, type Answer } from "../answer.ts";
import { askRealServer } from "../ask-real-server.ts";
import type { SeenRequest } from "../exchange.ts";

/**
 * What the real servers answer. The same request is asked once and its answer repeated: a slow or costly server is spared, and what
 * differs between two answers is then the backend's doing.
 */
export interface Recordings {
  answer(origin: string, request: SeenRequest, signal: AbortSignal): Promise<Answer>;
  /** The latest answer at this request's path, whatever was asked; undefined where there was none. */
  latest(origin: string, request: SeenRequest): Answer | undefined;
}

/** Longer requests, and longer answers, are asked anew: they would fill the memory. */
const longestRequest = 4 * 1024;
const longestKept = 64 * 1024;
/** A part of a path that is so long, with a digit in it, names one thing: a job. */
const shortestName = 6;

interface Kept extends Answer {
  readonly bytes: readonly Buffer[];
  /** Whose answer it was: method and address. */
  readonly place: string;
}

export function createRecordings(): Recordings {
  const kept = new Map<string, Kept>();
  const latest = new Map<string, string>();
  /** Where answers name what is asked for later: such a name is good for one call. */
  const naming = new Set<string>();
  const again = (key: string | undefined): Answer | undefined => {
    const known = key === undefined ? undefined : kept.get(key);
    return known && { ...known, parts: inOrder(known.bytes) };
  };

  /** A job that was begun is asked for by the name that its server gave it: begun again, it has another. */
  function forgetWhatNames(path: string): void {
    const names = path
      .split(/[/?&=]/)
      .filter((part) => part.length >= shortestName && /\d/.test(part));
    for (const [key, { bytes, place }] of kept) {
      const isAsked = (name: string) =>
        !place.includes(name) && Buffer.concat(bytes).includes(name);
      if (!names.some(isAsked)) continue;
      kept.delete(key);
      naming.add(place);
    }
  }

  return {
    async answer(origin, request, signal) {
      const { method, path, bytes } = request;
      const place = `${method} ${origin}${path}`;
      if (method !== "POST") forgetWhatNames(path);
      const key = `${place}\n${bytes.toString("latin1")}`;
      const known = again(key);
      if (known !== undefined) return known;
      const answer = await askRealServer(request, { url: origin, signal });
      const isKept = method === "POST" && answer.status === 200 && bytes.length <= longestRequest;
      if (!isKept || naming.has(place)) return answer;
      return {
        ...answer,
        parts: noted(answer.parts, (parts) => {
          kept.set(key, { ...answer, bytes: parts, place });
          latest.set(place, key);
        }),
      };
    },
    latest: (origin, { method, path }) => again(latest.get(`${method} ${origin}${path}`)),
  };
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
