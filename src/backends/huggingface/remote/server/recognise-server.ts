import { isModelyardError, ModelyardError } from "../../../../contract/errors.ts";
import { readJson } from "../../../../contract/http/read-json.ts";
import type { Connection } from "../connection.ts";
import { parseOpenaiModels, parseServer } from "./parse-server.ts";
import type { Server } from "./server.ts";

/**
 * What answers at a connection's address, recognised by its answers: `/info`, else `/v1/models`, else the bare health of the
 * Inference Toolkit. It costs nothing upstream.
 * @throws `invalid-response` where it is none of these, and what `send` throws
 */
export async function recogniseServer(
  connection: Connection,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Server> {
  const read = async (path: string) => {
    try {
      return await readJson(await connection.send(fetch, path, { signal }));
    } catch (error) {
      if (isAnotherKind(error)) return undefined;
      throw error;
    }
  };
  const known = parseServer(await read("/info")) ?? parseOpenaiModels(await read("/v1/models"));
  if (known !== undefined) return known;
  if (await isToolkit(connection, fetch, signal)) return { kind: "toolkit" };
  throw new ModelyardError(
    "invalid-response",
    `What answers at ${new URL(connection.url).host} is no server that is known here.`,
    {
      remedy:
        "baseUrl must name a server of Text Embeddings Inference, Text Generation Inference, or an Inference Endpoint.",
    },
  );
}

/** It has no such route, or something else there; anything else that goes wrong says nothing about its kind. */
function isAnotherKind(error: unknown): boolean {
  if (!isModelyardError(error)) return false;
  if (error.code === "invalid-response") return true;
  const status = Number(error.details?.["status"]);
  return status >= 400 && status < 500 && error.code !== "backend-unauthorized" && status !== 429;
}

/** The toolkit answers `/health` in plain words, and describes itself nowhere. */
async function isToolkit(
  connection: Connection,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const response = await connection.send(fetch, "/health", { signal, accept: "*/*" });
    return !(await response.text()).trimStart().startsWith("<");
  } catch (error) {
    if (isAnotherKind(error)) return false;
    throw error;
  }
}
