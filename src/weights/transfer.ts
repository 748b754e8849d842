import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { openPartial, type PartialFile, removePartial, writePartialNote } from "./partial-file.ts";
import { connectionProblem } from "../contract/http/connection-problem.ts";
import type { Expected, Opened, Report } from "./sources/source.ts";
import { toStorageError } from "./to-storage-error.ts";

export interface TransferOptions {
  /** Where the bytes go while they are not all there. */
  partialPath: string;
  /** Names the content; what an earlier try left under another key is not continued, unless its digest is known to be the same. */
  key: string;
  open(from: { offset: number; validator: string | undefined }): Promise<Opened>;
  expected: Expected;
  /** Bytes that the caller needs on the same disk beside these. */
  furtherBytes?: number;
  signal: AbortSignal;
  report: Report;
}

export interface Transferred {
  sizeBytes: number;
  sha256: string;
  revision?: string | undefined;
  finish?: (() => Promise<void>) | undefined;
}

const triesWithoutBytes = 5;
const triesWhileBusy = 3;
const maximumTries = 50;
const firstDelayMs = 300;

/**
 * Brings one source's bytes into the partial file, going on from what is there, and checks size and digest. A connection that
 * drops is taken up again. What arrived stays when it fails, unless it is wrong.
 * @throws ModelyardError `download-failed`, `storage-failed`, or the signal's reason.
 */
export async function transfer(options: TransferOptions): Promise<Transferred> {
  const first = await transferOnce(options);
  if ("wrong" in first && first.resumed) {
    // The older part may be to blame, spoilt on disk; only a whole fetch tells.
    const second = await transferOnce(options);
    if (!("wrong" in second)) return second;
    throw second.wrong;
  }
  if ("wrong" in first) throw first.wrong;
  return first;
}

async function transferOnce(
  options: TransferOptions,
): Promise<Transferred | { wrong: ModelyardError; resumed: boolean }> {
  const { partialPath, signal, expected } = options;
  const partial = await openPartial(options);
  try {
    const resumed = partial.offset > 0;
    const last = partial.complete ? undefined : await receive(partial, options);
    await partial.handle.sync();
    const sha256 = partial.hash.digest("hex");
    const facts = { sizeBytes: partial.offset, sha256 };
    const wrong = problemOf(facts, {
      sizeBytes: expected.sizeBytes ?? last?.totalBytes,
      sha256: expected.sha256 ?? last?.sha256 ?? partial.sha256,
    });
    if (wrong) {
      await partial.handle.close();
      await removePartial(partialPath);
      await last?.finish?.();
      return { wrong, resumed };
    }
    return { ...facts, revision: last?.revision, finish: last?.finish };
  } catch (error) {
    await partial.handle.close();
    // Nothing came: leave nothing.
    if (partial.offset === 0) await removePartial(partialPath);
    signal.throwIfAborted();
    throw isModelyardError(error) ? error : toStorageError(error, partialPath);
  } finally {
    await partial.handle.close();
  }
}

/** Reads until all is there, opening the source again where it breaks off. */
async function receive(partial: PartialFile, options: TransferOptions): Promise<Opened> {
  let barren = 0;
  for (let tries = 1; ; tries += 1) {
    const before = partial.offset;
    try {
      const opened = await begin(partial, options);
      await drain(partial, opened, options);
      if (opened.totalBytes !== undefined && partial.offset < opened.totalBytes)
        throw new Error("the connection broke off");
      return opened;
    } catch (error) {
      options.signal.throwIfAborted();
      barren = partial.offset > before ? 0 : barren + 1;
      const busy = isModelyardError(error) && error.details?.busy === true;
      const final = isModelyardError(error) && !busy;
      // A source that never gave a byte is left to the next one at once, unless it only asks for a moment.
      const enough =
        partial.offset === 0 ? !busy || barren >= triesWhileBusy : barren >= triesWithoutBytes;
      if (final || enough || tries >= maximumTries) throw asDownloadFailure(error);
      await sleep(firstDelayMs * 2 ** barren, undefined, { signal: options.signal });
    }
  }
}

/** Opens the source where the partial file ends, or from its start; looks at what it promises before a byte of it is taken. */
async function begin(partial: PartialFile, options: TransferOptions): Promise<Opened> {
  let opened = await options.open({ offset: partial.offset, validator: partial.validator });
  const changed =
    partial.sha256 !== undefined && opened.sha256 !== undefined && opened.sha256 !== partial.sha256;
  if (changed && opened.offset > 0) {
    discard(opened);
    opened = await options.open({ offset: 0, validator: undefined });
  }
  try {
    await accept(opened, partial, options);
  } catch (error) {
    discard(opened);
    throw error;
  }
  return opened;
}

async function accept(
  opened: Opened,
  partial: PartialFile,
  { expected, furtherBytes = 0, key, partialPath }: TransferOptions,
): Promise<void> {
  if (opened.offset !== partial.offset && opened.offset !== 0)
    throw new ModelyardError("download-failed", "the server sends another range than asked for");
  const promised = problemOf({ sizeBytes: opened.totalBytes, sha256: opened.sha256 }, expected);
  if (promised) throw promised;
  if (opened.offset === 0 && partial.offset > 0) {
    await partial.handle.truncate(0);
    partial.hash = createHash("sha256");
    partial.offset = 0;
  }
  partial.validator = opened.validator;
  partial.sha256 = expected.sha256 ?? opened.sha256;
  const totalBytes = opened.totalBytes ?? expected.sizeBytes;
  await writePartialNote(partialPath, {
    key,
    validator: partial.validator,
    sha256: partial.sha256,
    totalBytes,
  });
  if (totalBytes !== undefined)
    await requireDiskSpace(dirname(partialPath), totalBytes - partial.offset + furtherBytes);
}

async function drain(
  partial: PartialFile,
  opened: Opened,
  { expected, partialPath, report, signal }: TransferOptions,
): Promise<void> {
  const totalBytes = opened.totalBytes ?? expected.sizeBytes;
  report(partial.offset, totalBytes);
  for await (const chunk of opened.stream as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    if (totalBytes !== undefined && partial.offset + chunk.length > totalBytes) {
      throw new ModelyardError(
        "download-failed",
        `more than the promised ${totalBytes} bytes arrive`,
      );
    }
    try {
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await partial.handle.write(
          chunk,
          written,
          chunk.length - written,
          partial.offset + written,
        );
        written += bytesWritten;
      }
    } catch (error) {
      throw toStorageError(error, partialPath);
    }
    partial.hash.update(chunk);
    partial.offset += chunk.length;
    report(partial.offset, totalBytes);
  }
}

function problemOf(got: Expected, expected: Expected): ModelyardError | undefined {
  const { sizeBytes, sha256 } = expected;
  const details = {
    reached: true,
    expectedSizeBytes: sizeBytes,
    sizeBytes: got.sizeBytes,
    expectedSha256: sha256,
    sha256: got.sha256,
  };
  const wrongSize =
    sizeBytes !== undefined && got.sizeBytes !== undefined && got.sizeBytes !== sizeBytes;
  if (wrongSize)
    return new ModelyardError(
      "download-failed",
      `it is ${got.sizeBytes} bytes where ${sizeBytes} are expected`,
      { details },
    );
  const wrongDigest = sha256 !== undefined && got.sha256 !== undefined && got.sha256 !== sha256;
  if (!wrongDigest) return undefined;
  return new ModelyardError(
    "download-failed",
    `its sha256 is ${got.sha256} where ${sha256} is expected`,
    { details },
  );
}

/** Ends a stream that nobody has begun to read: its iterator would not, as it has not started. */
function discard({ stream }: Opened): void {
  // What it says to that is of no interest, but unheard it would end the process.
  stream.on("error", () => {}).destroy();
}

function asDownloadFailure(error: unknown): ModelyardError {
  return isModelyardError(error)
    ? error
    : new ModelyardError("download-failed", connectionProblem(error), { cause: error });
}
