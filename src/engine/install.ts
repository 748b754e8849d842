import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadContext, Log } from "../contract/backend.ts";
import { isModelyardError, ModelyardError, toModelyardError } from "../contract/errors.ts";
import { engineCacheFolder, engineManifest, type EngineKind } from "./engine-cache.ts";
import { findNpm } from "./find-npm.ts";
import { findPackages } from "./find-packages.ts";
import { keepPlatform } from "./keep-platform.ts";
import type { PackagePlace } from "./messages.ts";
import { runNpm } from "./run-npm.ts";

export interface EnsureOptions extends LoadContext {
  /** Fetches nothing; `MODELYARD_OFFLINE=1` where left out. */
  readonly offline?: boolean | undefined;
  /** Folders where they may be installed already: this package's own and the current one where left out. */
  readonly from?: readonly string[] | undefined;
  readonly log?: Log | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** A folder that an installer left behind is taken for its remains after a day. */
const staleMs = 24 * 60 * 60 * 1000;

/** Where an engine's packages lie already, in the right version; undefined where they have to be installed first. */
export function findInstalled(
  engine: EngineKind,
  {
    from,
    environment = process.env,
    log,
  }: Pick<EnsureOptions, "from" | "environment" | "log"> = {},
): PackagePlace | undefined {
  for (const folder of from ?? [import.meta.dirname, process.cwd()]) {
    const { place, problem } = findPackages(engine.packages, folder);
    if (place !== undefined) return place;
    if (problem !== undefined) log?.info(`${engine.type}: ${problem}; the cache's own is used.`);
  }
  const { folder } = engineManifest(engine);
  return findPackages(engine.packages, join(engineCacheFolder(environment), folder)).place;
}

/**
 * An engine's packages: found beside the program, in the current project or in the cache, else installed there by the machine's npm,
 * for this platform alone.
 * @throws ModelyardError `download-failed`, `storage-failed`, `backend-unavailable` (no binaries for this platform), or the signal's reason.
 */
export async function ensurePackages(
  engine: EngineKind,
  options: EnsureOptions,
): Promise<PackagePlace> {
  const { environment = process.env, signal } = options;
  const found = findInstalled(engine, options);
  if (found !== undefined) return found;
  if (options.offline ?? environment["MODELYARD_OFFLINE"] === "1") {
    throw installError(
      engine,
      new ModelyardError(
        "download-failed",
        "it is not installed, and nothing may be fetched (offline)",
      ),
    );
  }
  const { folder, content } = engineManifest(engine);
  const cache = engineCacheFolder(environment);
  const final = join(cache, folder);
  try {
    await mkdir(cache, { recursive: true });
    await removeRemains(cache);
    const partial = await mkdtemp(join(cache, `.${folder}-`));
    try {
      await fillFolder(partial, content, engine, options);
      signal.throwIfAborted();
      await putInPlace(partial, final, engine);
    } finally {
      await rm(partial, { recursive: true, force: true, maxRetries: 3 });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw installError(engine, error);
  }
  const { place, problem } = findPackages(engine.packages, final);
  if (place !== undefined) return place;
  await rm(final, { recursive: true, force: true });
  throw installError(
    engine,
    new ModelyardError("download-failed", problem ?? "npm left something out"),
  );
}

async function fillFolder(
  folder: string,
  manifest: string,
  { type, packages }: EngineKind,
  { signal, progress, environment = process.env }: EnsureOptions,
): Promise<void> {
  const npm = findNpm(environment, process.execPath);
  if (npm === undefined) throw new ModelyardError("download-failed", "npm was not found");
  const names = Object.entries(packages.versions).map(([name, version]) => `${name} ${version}`);
  const tell = (message: string) => progress({ phase: "install", name: type, message });
  tell(`Fetching ${names.join(", ")} with npm`);
  await writeFile(join(folder, "package.json"), manifest);
  await runNpm({
    npm,
    folder,
    omitOptional: packages.binaries !== undefined,
    signal,
    onFetched: (count) => tell(`Fetching ${names.join(", ")} with npm (${count} packages so far)`),
  });
  await keepPlatform(join(folder, "node_modules"), packages.platformFolders ?? []);
  tell(`Installed ${names.join(", ")}`);
}

/** Where another process was faster, its folder is as good as ours; remains that somebody tampered with are not. */
async function putInPlace(partial: string, final: string, engine: EngineKind): Promise<void> {
  try {
    await rename(partial, final);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
    if (findPackages(engine.packages, final).place !== undefined) return;
    await rm(final, { recursive: true, force: true });
    await rename(partial, final);
  }
}

async function removeRemains(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (name.startsWith(".") && Date.now() - (await stat(path)).mtimeMs > staleMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function installError({ type, packages }: EngineKind, thrown: unknown): ModelyardError {
  const error = toModelyardError(thrown, "storage-failed");
  if (isModelyardError(thrown) && thrown.code === "backend-unavailable") return thrown;
  const list = Object.entries(packages.versions).map(([name, version]) => `${name}@${version}`);
  return new ModelyardError(
    error.code,
    `The engine of ${type} could not be installed: ${error.message}`,
    {
      cause: thrown,
      details: error.details,
      remedy: `Where npm reaches a registry, run \`modelyard engine install ${type}\`, or \`npm install ${list.join(" ")}\` in your project.`,
    },
  );
}
