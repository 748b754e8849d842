import { createHash } from "node:crypto";
import { rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  isModelyardError,
  ModelyardError,
  placeError,
  toModelyardError,
} from "../contract/errors.ts";
import type { PullProgress } from "../contract/progress.ts";
import type { Engine } from "./catalogue.ts";
import { defaultDirectory } from "./default-directory.ts";
import { digestOf } from "./digest-of.ts";
import { fetchModel } from "./fetch-model.ts";
import { findStored, listStored } from "./find-stored.ts";
import { ifThere } from "./if-there.ts";
import { parseReference } from "./parse-reference.ts";
import { planPull, type PullPlan } from "./plan-pull.ts";
import { pullProgress } from "./pull-progress.ts";
import { isSafePath, safePath } from "./safe-path.ts";
import { type Environment, pathOf, type Report } from "./sources/source.ts";
import { byHand, callableName, manifestSuffix, type StoredModel } from "./stored-model.ts";
import { toStorageError } from "./to-storage-error.ts";
import { partialPathOf, removePartial } from "./partial-file.ts";
import type { WeightsForm } from "./weights-form.ts";
import { withFileLock } from "./with-file-lock.ts";

export interface WeightsStoreOptions {
  /** Default: `$XDG_CACHE_HOME/modelyard/models`, else `~/.cache/modelyard/models`, on Windows below `%LOCALAPPDATA%`. */
  directory?: string | undefined;
  /** Fetch nothing. Default: whether `MODELYARD_OFFLINE` is `1`. */
  offline?: boolean | undefined;
  /** Default: `process.env`. */
  environment?: Environment | undefined;
}

export interface PullOptions {
  /** What the weights' digest must be, in hexadecimal. */
  sha256?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Of a repository on the hub; the most sensible for a processor where left out. */
  form?: WeightsForm | undefined;
}

/** The models on this machine, and the way to get more. */
export interface WeightsStore {
  /** The folder, in the hub's layout: transformers.js takes it as its `localModelPath`. */
  readonly directory: string;
  /**
   * A model that is here, by any name that {@link pull} takes; `undefined` for one that is not.
   * @throws ModelyardError `storage-failed` where its files are damaged or cut short.
   */
  find(name: string): Promise<StoredModel | undefined>;
  /** All models that are here, those put there by hand too; a damaged one says so in `problem`. */
  list(engine?: Engine): Promise<StoredModel[]>;
  /**
   * Makes sure that a model is here, fetching what is missing; yields how far it is and returns the model. What has arrived when it
   * is stopped stays, and the next pull goes on from there.
   * @throws ModelyardError `model-not-found`, `invalid-request`, `download-failed`, `storage-failed`, `cancelled`.
   */
  pull(reference: string, options?: PullOptions): AsyncGenerator<PullProgress, StoredModel>;
  /** Deletes a model's files and what is left of a broken pull; true where there was something. */
  remove(name: string): Promise<boolean>;
}

/** Opens the store; touches nothing until it is asked. */
export function createWeightsStore(options: WeightsStoreOptions = {}): WeightsStore {
  const environment = options.environment ?? process.env;
  const directory = options.directory ?? defaultDirectory(environment);
  const offline = options.offline ?? environment.MODELYARD_OFFLINE === "1";

  const locationFor = async (name: string): Promise<string> => {
    // What lies here goes by its place, which may read as a path or as nothing else.
    const place =
      name.startsWith("local/") || (isSafePath(name) && (await findStored(directory, name)));
    if (place) return name;
    return (await planPull(parseReference(name), environment)).location;
  };

  const lockPath = (location: string): string =>
    join(
      directory,
      ".locks",
      `${createHash("sha256").update(location).digest("hex").slice(0, 16)}.lock`,
    );

  async function find(name: string): Promise<StoredModel | undefined> {
    const location = await locationFor(name).catch((error: unknown) => {
      // What is no name of a model names none that is here.
      if (isModelyardError(error)) return undefined;
      throw error;
    });
    if (location === undefined) return undefined;
    safePath(directory, location);
    const model = await findStored(directory, location, { which: "changed" });
    if (model?.problem === undefined) return model;
    throw damaged(model, model.problem);
  }

  const list = (engine?: Engine) => listStored(directory, engine);

  async function* pull(
    text: string,
    { sha256: given, signal, form }: PullOptions = {},
  ): AsyncGenerator<PullProgress, StoredModel> {
    const sha256 = given?.toLowerCase().replace(/^sha256:/, "");
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
      throw new ModelyardError(
        "invalid-request",
        `${JSON.stringify(given)} is no sha256: 64 hexadecimal digits.`,
      );
    }
    try {
      const local = text.startsWith("local/") ? await findLocal(text, sha256, signal) : undefined;
      if (local && local.problem === undefined) return local;
      const plan = await (local
        ? planAgain(local)
        : planPull(parseReference(text), environment, form));
      safePath(directory, plan.location);
      const present = await look(plan, sha256, signal);
      if (present?.usable === true) return present.model;
      if (offline && plan.remote) throw notWhileOffline(plan.location, present?.model);
      return yield* pullProgress(text, signal, (report, stopped) =>
        withFileLock(
          lockPath(plan.location),
          { signal: stopped, onWait: () => reportWaiting(plan, report) },
          async () => {
            // Another process may have fetched it while this one waited.
            const fetched = await look(plan, sha256, stopped);
            if (fetched?.usable === true) return fetched.model;
            return fetchModel(plan, {
              directory,
              sha256,
              offline,
              environment,
              report,
              signal: stopped,
              commit: fetched?.model.problem === undefined ? fetched?.model.revision : undefined,
            });
          },
        ),
      );
    } catch (error) {
      const failure =
        signal?.aborted === true && error === signal.reason
          ? toModelyardError(error, "cancelled")
          : toModelyardError(error, "internal");
      throw placeError(failure, { model: text });
    }
  }

  /** A model without a home anywhere else, held to its digests. */
  async function findLocal(
    location: string,
    sha256: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<StoredModel> {
    safePath(directory, location);
    const here = await findStored(directory, location, { which: "all", signal });
    if (here === undefined)
      throw new ModelyardError("model-not-found", `There is no ${location} here.`, {
        remedy: "Give the path or the URL that it comes from.",
      });
    const other = here.problem === undefined && sha256 !== undefined;
    if (other && (await weightsDigest(here)) !== sha256)
      throw new ModelyardError("download-failed", `${location} is here, with another sha256.`, {
        remedy: `Look at the sha256, or delete what is here with \`modelyard remove ${callableName(here)}\`.`,
      });
    return here;
  }

  /** How to bring a damaged model from where it came from. */
  async function planAgain(model: StoredModel): Promise<PullPlan> {
    const origin = model.engine === "huggingface" ? folderOf(model.source) : model.source;
    try {
      if (origin === byHand) throw new Error("Nobody knows where it came from.");
      return await planPull(parseReference(origin), environment);
    } catch (error) {
      throw damaged(model, model.problem ?? "unknown", {
        cause: error,
        remedy: `Give the path or the URL of a sound copy to \`modelyard pull\`, or delete it with \`modelyard remove ${callableName(model)}\`.`,
      });
    }
  }

  /** What is here already, and whether nothing is missing and its digests are right, the one asked for too. */
  async function look(
    plan: PullPlan,
    sha256: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ model: StoredModel; usable: boolean } | undefined> {
    const model = await findStored(directory, plan.location, { which: "all", signal });
    if (model === undefined) return undefined;
    if (model.problem !== undefined) return { model, usable: false };
    const same = plan.remote || (await sameAsSource(directory, plan, model, signal));
    const elsewhere = plan.source !== undefined && plan.source !== model.source;
    if (elsewhere && (plan.remote || !same)) throw nameTaken(model, plan.source ?? "");
    const right = sha256 === undefined || (await weightsDigest(model)) === sha256;
    const paths = model.files.map(({ path }) => path.slice(plan.location.length + 1));
    return { model, usable: same && right && (plan.holds?.(paths) ?? true) };
  }

  /** While another process fetches, its partial file tells how far it is. */
  async function reportWaiting({ location, engine }: PullPlan, report: Report): Promise<void> {
    if (engine !== "llama-cpp") return report(0);
    const partial = partialPathOf(join(directory, location));
    const sizes = await Promise.all(
      [partial, `${partial}.wheel`].map(async (path) => (await ifThere(stat(path)))?.size ?? 0),
    );
    report(Math.max(...sizes));
  }

  async function remove(name: string): Promise<boolean> {
    const location = await locationFor(name).catch((error: unknown) => {
      // A path of no file names nothing that is here.
      if (isModelyardError(error) && error.code === "download-failed") return undefined;
      throw error;
    });
    if (location === undefined) return false;
    const path = safePath(directory, location);
    return withFileLock(lockPath(location), { signal: new AbortController().signal }, async () => {
      const model = await findStored(directory, location);
      const partial = partialPathOf(path);
      const begun = await Promise.all(
        [partial, `${partial}.wheel`].map((each) => ifThere(stat(each))),
      );
      const paths =
        model?.engine === "huggingface"
          ? [path]
          : (model?.files ?? []).map((file) => join(directory, file.path));
      try {
        for (const each of paths) await rm(each, { recursive: true, force: true });
        await rm(path + manifestSuffix, { force: true });
        await removePartial(partial);
        await removePartial(`${partial}.wheel`);
      } catch (error) {
        throw toStorageError(error, path);
      }
      await removeEmptyFolders(dirname(path), directory);
      return model !== undefined || begun.some((facts) => facts !== undefined);
    });
  }

  return { directory, find, list, pull, remove };
}

/** As it was recorded; else of the file itself, where the weights are one. */
async function weightsDigest({ engine, path, sha256 }: StoredModel): Promise<string | undefined> {
  return sha256 ?? (engine === "llama-cpp" ? digestOf(path) : undefined);
}

/** Whether the files on this machine that a model was copied from are still what it is. */
async function sameAsSource(
  directory: string,
  plan: PullPlan,
  model: StoredModel,
  given: AbortSignal | undefined,
): Promise<boolean> {
  const signal = given ?? new AbortController().signal;
  for (const { path, sources } of await plan.files(signal)) {
    const [source] = sources;
    const stored = model.files.find((file) => file.path === path);
    if (stored === undefined) return false;
    if (source?.kind !== "file") continue;
    const [wanted, actual] = await Promise.all([
      source.sha256 ?? digestOf(pathOf(source), signal),
      stored.sha256 ?? digestOf(join(directory, path), signal),
    ]);
    if (wanted !== actual) return false;
  }
  return true;
}

/** An ONNX model's folder, by its weights in there. */
function folderOf(weights: string): string {
  return weights.replace(/[/\\]onnx[/\\][^/\\]+$/, "");
}

function damaged(
  model: StoredModel,
  problem: string,
  options: { remedy?: string; cause?: unknown } = {},
): ModelyardError {
  const name = callableName(model);
  const anew =
    model.source === byHand && /^local\/|^[^/]+\.gguf$/i.test(model.name)
      ? "Put a sound copy in its place"
      : `Fetch it again with \`modelyard pull ${name}\``;
  return new ModelyardError(
    "storage-failed",
    `The files of ${model.name} are damaged: ${problem}.`,
    {
      model: model.name,
      remedy: `${anew}, or delete it with \`modelyard remove ${name}\`.`,
      ...options,
    },
  );
}

function notWhileOffline(location: string, damagedModel: StoredModel | undefined): ModelyardError {
  const remedy =
    "Go without --offline and MODELYARD_OFFLINE, or fetch the file elsewhere and run `modelyard pull <path>`.";
  if (damagedModel?.problem !== undefined)
    return damaged(damagedModel, `${damagedModel.problem}; offline nothing is fetched`, { remedy });
  return new ModelyardError(
    "download-failed",
    `${location} is not here, and offline nothing is fetched.`,
    { remedy },
  );
}

function nameTaken(model: StoredModel, wanted: string): ModelyardError {
  const { name, source } = model;
  return new ModelyardError(
    "invalid-request",
    `${name} is here already, and not from ${wanted}: ${source}.`,
    {
      remedy: `Delete it first with \`modelyard remove ${callableName(model)}\`, or give the new file another name.`,
    },
  );
}

async function removeEmptyFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.length > upTo.length; folder = dirname(folder)) {
    // A folder that still holds something ends the climb.
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}
