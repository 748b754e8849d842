import { stat } from "node:fs/promises";
import { ModelyardError } from "../contract/errors.ts";
import { digestOf } from "./digest-of.ts";
import { download, type Downloaded } from "./download.ts";
import { findStored } from "./find-stored.ts";
import { ifThere } from "./if-there.ts";
import { inspectGguf } from "./inspect-gguf.ts";
import type { PullPlan } from "./plan-pull.ts";
import { safePath } from "./safe-path.ts";
import { describeSource, type Environment, type Report, type Source } from "./sources/source.ts";
import { stampOf } from "./verify-digests.ts";
import { readManifest, type StoredFile, type StoredModel, writeManifest } from "./stored-model.ts";

export interface FetchModelOptions {
  directory: string;
  /** Of the weights, where the caller knows it. */
  sha256: string | undefined;
  offline: boolean;
  environment: Environment;
  signal: AbortSignal;
  /** Bytes of the whole model. */
  report: Report;
  /** The commit of what is here already, so that another form of the weights comes from the same. */
  commit?: string | undefined;
}

/**
 * Fetches every file of a model and then writes its manifest. The caller holds the lock.
 * @throws ModelyardError `download-failed`, `storage-failed`, or the signal's reason.
 */
export async function fetchModel(plan: PullPlan, options: FetchModelOptions): Promise<StoredModel> {
  const { directory, signal, report, sha256, commit, ...rest } = options;
  const files: StoredFile[] = [];
  let weights: Downloaded | undefined;
  let before = 0;
  for (const { path, sources } of await plan.files(signal, commit)) {
    const doneBefore = before;
    // The weights come first, and a digest that the caller gives is theirs.
    const expected = weights === undefined ? sha256 : undefined;
    const destination = safePath(directory, path);
    const there = await alreadyThere(destination, sources, expected, signal);
    if (there) {
      before += there.sizeBytes;
      weights ??= there;
      files.push({ path, sizeBytes: there.sizeBytes, sha256: there.sha256 });
      continue;
    }
    const got = await download({
      ...rest,
      destination,
      sources,
      signal,
      sha256: expected,
      inspect: /\.gguf$/i.test(path) ? refuseOtherThanGguf : undefined,
      report: (doneBytes, totalBytes) =>
        report(
          doneBefore + doneBytes,
          totalBytes === undefined ? undefined : doneBefore + totalBytes,
        ),
    });
    weights ??= got;
    before += got.sizeBytes;
    files.push({ path, sizeBytes: got.sizeBytes, sha256: got.sha256 });
  }
  const recorded = files.map(async (file) => ({
    ...file,
    ...(await stampOf(safePath(directory, file.path))),
  }));
  const earlier = commit === undefined ? undefined : await readManifest(directory, plan.location);
  const kept = (earlier?.files ?? []).filter(({ path }) =>
    files.every((file) => file.path !== path),
  );
  await writeManifest(directory, plan.location, {
    engine: plan.engine,
    files: [...(await Promise.all(recorded)), ...kept],
    source: weights === undefined ? "unknown" : describeSource(weights.source),
    ...(weights?.revision !== undefined && { revision: weights.revision }),
    pulledAt: new Date().toISOString(),
  });
  const model = await findStored(directory, plan.location);
  if (model) return model;
  throw new ModelyardError(
    "storage-failed",
    `${plan.location} is gone right after it was fetched.`,
  );
}

/** A file that an interrupted pull has finished, where its digest can tell. */
async function alreadyThere(
  destination: string,
  sources: readonly Source[],
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<Downloaded | undefined> {
  const size = (await ifThere(stat(destination)))?.size;
  const likely = sources.filter(
    (source) => (sha256 ?? source.sha256) !== undefined && (source.sizeBytes ?? size) === size,
  );
  if (size === undefined || likely.length === 0) return undefined;
  const actual = await digestOf(destination, signal);
  const source = likely.find((each) => (sha256 ?? each.sha256) === actual);
  return source && { sizeBytes: size, sha256: actual, source };
}

async function refuseOtherThanGguf(path: string): Promise<void> {
  const problem = await inspectGguf(path);
  if (problem !== undefined)
    throw new ModelyardError("download-failed", problem, { details: { reached: true } });
}
