import { setTimeout as sleep } from "node:timers/promises";
import { abortError } from "../../contract/abort.ts";
import type { PullContext, PullResult } from "../../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { classOfAddress } from "../../contract/http/privacy-class.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { PullProgress } from "../../contract/progress.ts";
import { fullName, registryOf } from "./full-name.ts";
import { listStored } from "./list-models.ts";
import { createPullBytes, type PullBytes, type PullLine } from "./pull-bytes.ts";
import { pullError } from "./pull-error.ts";
import type { OllamaServer } from "./server.ts";

/** How often in a row a pull that has brought something is taken up again without bringing more, and how long it waits, in milliseconds. */
const fruitlessLimit = 4;
const firstPauseMs = 500;

/**
 * Has Ollama fetch a model. Where the download or the connection breaks off it goes on where it stopped, as long as bytes come.
 * @throws `model-not-found` where no registry has it; `download-failed` for what broke, or has another digest than promised
 */
export async function* pull(
  server: OllamaServer,
  model: string,
  { signal, sha256 }: PullContext,
): AsyncGenerator<PullProgress, PullResult, undefined> {
  const bytes = createPullBytes(model);
  let fruitless = 0;
  for (let before = -1; ; before = bytes.doneBytes) {
    try {
      yield* pullOnce(server, model, bytes, signal);
      break;
    } catch (error) {
      if (signal.aborted) throw abortError(signal);
      fruitless = bytes.doneBytes > before ? 1 : fruitless + 1;
      if (bytes.doneBytes === 0 || fruitless > fruitlessLimit || !isPassing(error))
        throw await withNearest(error, server, model, signal);
      await sleep(firstPauseMs * 2 ** (fruitless - 1), undefined, { signal }).catch(() => {
        throw abortError(signal);
      });
    }
  }
  return check(server, model, bytes, sha256, signal);
}

/** A name that can't be fetched may be meant for a model that is here. */
async function withNearest(
  error: unknown,
  server: OllamaServer,
  model: string,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isModelyardError(error)) return error;
  const { code, message, remedy, details } = error;
  if (code !== "model-not-found" && code !== "download-failed") return error;
  let here: string[];
  try {
    here = (await listStored(server, signal)).map(({ name }) => name);
  } catch {
    return error; // which matters more than a better name
  }
  const near = didYouMean(model, here);
  if (near === "" || here.includes(fullName(model))) return error;
  const sentence = message.replace(/\.?$/, ".");
  return new ModelyardError(code, sentence + near, { model, remedy, details });
}

/** Whether the same pull may go on later. */
function isPassing(error: unknown): boolean {
  if (!isModelyardError(error)) return false;
  return ["download-failed", "backend-unavailable", "stream-interrupted", "backend-error"].includes(
    error.code,
  );
}

async function* pullOnce(
  server: OllamaServer,
  model: string,
  bytes: PullBytes,
  signal: AbortSignal,
): AsyncGenerator<PullProgress, void, undefined> {
  const { readLines } = await import("../../contract/http/read-lines.ts");
  const body = { model, stream: true, ...(isLocalRegistry(model) ? { insecure: true } : {}) };
  const response = await server
    .send(server.fetch, "/api/pull", { body, signal, model })
    .catch((error: unknown) => {
      throw refused(error, model);
    });
  for await (const value of readLines(response)) {
    const line = (value ?? {}) as PullLine;
    if (line.error !== undefined) throw pullError(String(line.error), model);
    if (line.status === "success") return;
    const progress = bytes.take(line);
    if (progress !== undefined) yield progress;
  }
  throw new ModelyardError("download-failed", `Ollama broke off the download of ${model}.`, {
    model,
    remedy: "Try again: it goes on where it stopped.",
  });
}

/** A failure that Ollama tells by a status; who we are and whether it runs is another matter. */
function refused(error: unknown, model: string): unknown {
  const told = isModelyardError(error) && error.details?.["status"] !== undefined;
  return told && ["backend-error", "invalid-request", "model-not-found"].includes(error.code)
    ? pullError(error.message, model)
    : error;
}

/** A registry on this device may speak plain HTTP; none elsewhere. */
function isLocalRegistry(model: string): boolean {
  const host = registryOf(model);
  return host !== undefined && (host === "localhost" || classOfAddress(host) === "device");
}

/** What has come, as it is listed. Without the promised digest it is deleted again. */
async function check(
  server: OllamaServer,
  model: string,
  bytes: PullBytes,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<PullResult> {
  const wanted = fullName(model).toLowerCase();
  const here = await listStored(server, signal);
  const found = here.find(({ name }) => name.toLowerCase() === wanted);
  const digests = bytes.digests();
  const [weights] = digests;
  if (sha256 !== undefined && ![...digests, found?.digest].includes(sha256.toLowerCase())) {
    const request = { method: "DELETE", body: { model }, signal, model };
    await server.send(server.fetch, "/api/delete", request);
    throw new ModelyardError(
      "download-failed",
      `${model} does not have the digest that was asked for; it was deleted again.`,
      {
        model,
        remedy: "Check the digest, and where the model comes from.",
        details: { expected: sha256, actual: weights },
      },
    );
  }
  return {
    name: found?.name ?? fullName(model),
    ...(found?.size === undefined ? {} : { sizeBytes: found.size }),
    ...(weights === undefined ? {} : { sha256: weights }),
  };
}
