import { mkdir, open, rename } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import { openSource } from "./sources/open-source.ts";
import { describeSource, type Environment, type Report, type Source } from "./sources/source.ts";
import { toStorageError } from "./to-storage-error.ts";
import { partialPathOf, removePartial } from "./partial-file.ts";
import { transfer } from "./transfer.ts";

export interface DownloadOptions {
  /** The final path. Nothing but the whole, checked file ever stands there. */
  destination: string;
  /** Tried in this order. */
  sources: readonly Source[];
  /** Overrides what the sources say. */
  sha256?: string | undefined;
  /** Only files of this machine are taken. */
  offline: boolean;
  environment: Environment;
  signal: AbortSignal;
  report: Report;
  /** Looks at the whole file before it gets its name; throws where it is not what it should be. */
  inspect?: ((path: string) => Promise<void>) | undefined;
}

export interface Downloaded {
  sizeBytes: number;
  sha256: string;
  source: Source;
  revision?: string | undefined;
}

export const networkRemedy =
  "Check the network and its proxy (HTTPS_PROXY), name a mirror with HF_ENDPOINT or PIP_INDEX_URL, or fetch the file elsewhere and run `modelyard pull <path>`.";

/**
 * Fetches one file from the first of its sources that gives it. The caller holds the lock.
 * @throws ModelyardError `download-failed` naming each source tried and why it failed; `storage-failed`; or the signal's reason.
 */
export async function download(options: DownloadOptions): Promise<Downloaded> {
  const { destination, offline, signal } = options;
  const sources = offline ? options.sources.filter(({ kind }) => kind === "file") : options.sources;
  if (sources.length === 0) {
    throw new ModelyardError(
      "download-failed",
      `${basename(destination)} is not here, and offline nothing is fetched.`,
      {
        remedy:
          "Go without --offline and MODELYARD_OFFLINE, or fetch the file elsewhere and run `modelyard pull <path>`.",
      },
    );
  }
  await mkdir(dirname(destination), { recursive: true }).catch((error: unknown) => {
    throw toStorageError(error, dirname(destination));
  });
  const failures: { source: string; error: ModelyardError }[] = [];
  for (const source of sources) {
    try {
      return await downloadFrom(source, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!isModelyardError(error) || error.code !== "download-failed") throw error;
      failures.push({ source: describeSource(source), error });
    }
  }
  throw failed(basename(destination), failures);
}

async function downloadFrom(source: Source, options: DownloadOptions): Promise<Downloaded> {
  const { destination, environment, signal, report } = options;
  const partialPath = partialPathOf(destination);
  const sha256 = options.sha256 ?? source.sha256;
  const { finish, ...result } = await transfer({
    partialPath,
    key: describeSource(source),
    open: ({ offset, validator }) =>
      openSource(source, {
        offset,
        validator,
        signal,
        environment,
        scratchPath: partialPath,
        report,
      }),
    expected: { sizeBytes: source.sizeBytes, sha256 },
    signal,
    report,
  });
  try {
    await options.inspect?.(partialPath);
  } catch (error) {
    await removePartial(partialPath);
    throw error;
  }
  await rename(partialPath, destination).catch((error: unknown) => {
    throw toStorageError(error, destination);
  });
  await syncFolder(dirname(destination));
  await removePartial(partialPath);
  await finish?.();
  return { ...result, source };
}

/** Makes a rename outlive a power cut. Windows has no such call for folders. */
async function syncFolder(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The network is to blame only where one of the sources was not reached. */
function remedyFor(failures: { error: ModelyardError }[]): string {
  return failures.some(({ error }) => error.details?.reached !== true)
    ? networkRemedy
    : "What the source gives is not what is expected: look at the sha256 and at where the file comes from, or name another source.";
}

function failed(
  file: string,
  failures: { source: string; error: ModelyardError }[],
): ModelyardError {
  const tried = failures.map(({ source, error }) => `${source}: ${error.message}`).join("; ");
  const first = failures[0]?.error;
  const sameEverywhere = failures.length === 1 ? first : undefined;
  return new ModelyardError("download-failed", `${file} could not be fetched. ${tried}.`, {
    remedy:
      failures.find(({ error }) => error.remedy !== undefined)?.error.remedy ?? remedyFor(failures),
    details: {
      ...sameEverywhere?.details,
      tried: failures.map(({ source, error }) => ({ source, reason: error.message })),
    },
    retryAfterMs: sameEverywhere?.retryAfterMs,
    cause: first,
  });
}
