import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type CatalogueEntry, catalogue, type Engine } from "./catalogue.ts";
import { formatBytes } from "../contract/format-bytes.ts";
import { ifThere } from "./if-there.ts";
import { inspectGguf } from "./inspect-gguf.ts";
import { locationOf } from "./parse-reference.ts";
import { formsIn } from "./weights-form.ts";
import { type VerifyOptions, verifyDigests } from "./verify-digests.ts";
import {
  byHand,
  manifestSuffix,
  readManifest,
  type StoredFile,
  type StoredModel,
} from "./stored-model.ts";

const deepestFolder = 6;
const weightFile = /\.(onnx|safetensors|bin)$/;
const laterPart = /-(?!00001)\d{5}-of-\d{5}\.gguf$/i;

/**
 * The model at a place below the store's folder: pulled, or put there by hand; `undefined` where there is none. Digests are looked at
 * where `verify` says so. Where `only` is given, what another engine runs is passed over, and its files are not looked into.
 */
export async function findStored(
  directory: string,
  location: string,
  verify?: VerifyOptions,
  only?: Engine,
): Promise<StoredModel | undefined> {
  const path = join(directory, location);
  const facts = await ifThere(stat(path));
  if (facts === undefined) return undefined;
  const engine: Engine = facts.isDirectory() ? "huggingface" : "llama-cpp";
  if (only !== undefined && engine !== only) return undefined;
  const found = facts.isDirectory()
    ? await folderFiles(directory, location)
    : await ggufFiles(directory, location, facts.size);
  if (found === undefined) return undefined;
  const manifest = await readManifest(directory, location);
  const entry = catalogue.find((each) => locationOf(each) === location);
  const files = found.map((file): StoredFile => {
    const recorded = manifest?.files.find(
      ({ path: each, sizeBytes }) => each === file.path && sizeBytes === file.sizeBytes,
    );
    return recorded?.sha256 === undefined ? file : { ...file, sha256: recorded.sha256 };
  });
  const problem =
    (await problemOf(directory, engine, files, manifest?.files ?? expectedOf(entry))) ??
    (verify && (await verifyDigests({ directory, location }, { manifest, entry }, verify)));
  const sha256 = files.find((file) => file.path === (manifest?.files[0]?.path ?? location))?.sha256;
  return {
    name: entry?.name ?? location,
    engine,
    path,
    files,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    source: manifest?.source ?? byHand,
    ...(manifest?.revision !== undefined && { revision: manifest.revision }),
    ...(sha256 !== undefined && { sha256 }),
    ...(problem !== undefined && { problem }),
  };
}

/** Every model in the store's folder, or those that one engine runs, in order of name. */
export async function listStored(directory: string, engine?: Engine): Promise<StoredModel[]> {
  const models: StoredModel[] = [];
  for (const location of await locations(directory, "", 0)) {
    const model = await findStored(directory, location, undefined, engine);
    if (model) models.push(model);
  }
  return models.toSorted((left, right) => left.name.localeCompare(right.name));
}

async function locations(directory: string, below: string, depth: number): Promise<string[]> {
  const reading = readdir(join(directory, below), { withFileTypes: true });
  // A folder below that can't be read, as `lost+found`, hides no other.
  const entries = (await (below === "" ? ifThere(reading) : reading.catch(() => []))) ?? [];
  const names = new Set(entries.map(({ name }) => name));
  const found: string[] =
    below !== "" && names.has("config.json") && (names.has("onnx") || formsIn(names).length > 0)
      ? [below]
      : [];
  for (const { name } of entries) {
    const location = below === "" ? name : `${below}/${name}`;
    if (name.startsWith(".")) continue;
    // Links are followed: a folder of models on another disk is a usual thing. One that leads nowhere now is passed over.
    const facts = await stat(join(directory, location)).catch(() => undefined);
    if (facts?.isFile() && /\.gguf$/i.test(name) && !laterPart.test(name)) found.push(location);
    // A model's own steps look like models.
    const isStep = found[0] === below && /^\d+_/.test(name);
    if (facts?.isDirectory() && !isStep && depth < deepestFolder)
      found.push(...(await locations(directory, location, depth + 1)));
  }
  return found;
}

async function ggufFiles(
  directory: string,
  location: string,
  sizeBytes: number,
): Promise<StoredFile[] | undefined> {
  if (!/\.gguf$/i.test(location)) return undefined;
  const parts = ggufParts(location);
  if (parts.length === 1) return [{ path: location, sizeBytes }];
  const sizes = await Promise.all(
    parts.map(async (path) => ({
      path,
      sizeBytes: (await ifThere(stat(join(directory, path))))?.size ?? 0,
    })),
  );
  return sizes;
}

/** All files of a model that is cut into `…-00001-of-00003.gguf`; of any other, the one. */
export function ggufParts(path: string): string[] {
  const match = /^(.*)-00001-of-(\d{5})(\.gguf)$/i.exec(path);
  if (!match) return [path];
  const [, start = "", total = "", end = ""] = match;
  return Array.from(
    { length: Number(total) },
    (_, index) => `${start}-${String(index + 1).padStart(5, "0")}-of-${total}${end}`,
  );
}

async function folderFiles(directory: string, location: string): Promise<StoredFile[] | undefined> {
  const entries = await readdir(join(directory, location), {
    withFileTypes: true,
    recursive: true,
  });
  const paths = entries
    .filter(
      (entry) =>
        !entry.isDirectory() &&
        !/\.partial(\.|$)/.test(entry.name) &&
        !entry.name.endsWith(manifestSuffix),
    )
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll("\\", "/"),
    );
  const whole =
    paths.includes(`${location}/config.json`) &&
    (paths.some((path) => path.endsWith(".onnx")) ||
      formsIn(paths.map((path) => path.slice(location.length + 1))).length > 0);
  if (!whole) return undefined;
  return Promise.all(
    paths.map(async (path) => ({ path, sizeBytes: (await stat(join(directory, path))).size })),
  );
}

function expectedOf(entry: CatalogueEntry | undefined): StoredFile[] {
  return (entry?.files ?? []).flatMap(({ path, sources }) => {
    const sizes = new Set(sources.map(({ sizeBytes }) => sizeBytes));
    const [size] = sizes;
    return sizes.size === 1 && size !== undefined ? [{ path, sizeBytes: size }] : [];
  });
}

async function problemOf(
  directory: string,
  engine: Engine,
  files: StoredFile[],
  expected: StoredFile[],
): Promise<string | undefined> {
  for (const { path, sizeBytes } of expected) {
    const size = files.find((file) => file.path === path)?.sizeBytes;
    if (size === undefined) return `${path} is missing`;
    if (size !== sizeBytes)
      return `${path} is ${size} bytes (${formatBytes(size)}) where ${sizeBytes} are expected`;
  }
  if (engine !== "llama-cpp")
    return files.some(({ path, sizeBytes }) => weightFile.test(path) && sizeBytes === 0)
      ? "its weights are empty"
      : undefined;
  for (const { path, sizeBytes } of files) {
    const problem =
      sizeBytes === 0 ? "is missing or empty" : await inspectGguf(join(directory, path));
    if (problem !== undefined) return `${path}: ${problem}`;
  }
  return undefined;
}
