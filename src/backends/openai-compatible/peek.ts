import { isModelyardError } from "../../contract/errors.ts";

/** What a server answered to a question that it need not know. */
export interface Peek {
  readonly status: number;
  /** Its JSON; undefined where it is none. */
  readonly body: unknown;
}

/** Asks a server something that costs nothing; undefined where nothing answers. Any status is an answer. */
export async function peek(
  fetch: typeof globalThis.fetch,
  url: string | URL,
  { signal, headers = {} }: { signal: AbortSignal; headers?: Record<string, string> },
): Promise<Peek | undefined> {
  try {
    const response = await fetch(url, { headers, signal });
    return { status: response.status, body: toJson(await response.text()) };
  } catch (error) {
    if (signal.aborted || (isModelyardError(error) && error.code === "privacy-violation"))
      throw error;
    return undefined; // it is not there, which is what was asked
  }
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page, or nothing: no API's answer
  }
}
