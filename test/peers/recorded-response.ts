import type { ServerResponse } from "node:http";
import { setImmediate, setTimeout } from "node:timers/promises";

export interface RecordedResponse {
  status: number;
  headers?: Record<string, string | string[] | undefined>;
  contentType?: string;
  /** Anything but text is sent as JSON. */
  body?: unknown;
  /** A streamed body: when each part came, in milliseconds since the request, and the part. */
  chunks?: readonly (readonly (number | string)[])[];
  /** How the recording was cut; the connection is cut there again. */
  ended?: string;
}

/** They belong to the recorded connection, and would be wrong on this one. */
const ofTheConnection = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Gives a recorded answer again: a streamed one in as many writes, and a cut one cut. */
export async function sendRecorded(
  recorded: RecordedResponse,
  response: ServerResponse,
  delayMs: number | "recorded",
): Promise<void> {
  for (const [name, value] of Object.entries(recorded.headers ?? {}))
    if (value !== undefined && !ofTheConnection.has(name.toLowerCase()))
      response.setHeader(name, value);
  const isJson = recorded.body !== undefined && typeof recorded.body !== "string";
  const contentType = recorded.contentType ?? (isJson ? "application/json" : undefined);
  if (contentType !== undefined && !response.hasHeader("content-type"))
    response.setHeader("content-type", contentType);
  response.statusCode = recorded.status;
  const cut = recorded.ended !== undefined;
  if (!recorded.chunks && !cut) {
    response.end(wholeBody(recorded));
    return;
  }
  response.flushHeaders();
  let sentMs = 0;
  for (const [ms, text] of recorded.chunks ?? [[0, wholeBody(recorded)]]) {
    await setTimeout(delayMs === "recorded" ? Number(ms) - sentMs : delayMs);
    sentMs = Number(ms);
    if (response.destroyed) return;
    await written(response, String(text));
  }
  if (cut) response.destroy();
  else response.end();
}

function wholeBody({ body = "" }: RecordedResponse): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

async function written(response: ServerResponse, text: string): Promise<void> {
  await new Promise((resolve) => response.write(text, resolve));
  await setImmediate(); // else two parts may go out as one
}
