import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { ModelyardError, toModelyardError } from "../contract/errors.ts";
import { catalogue, type CatalogueFile, type Engine } from "./catalogue.ts";
import { ggufParts } from "./find-stored.ts";
import { digestOf } from "./digest-of.ts";
import { ifThere } from "./if-there.ts";
import { inspectGguf } from "./inspect-gguf.ts";
import { chooseOnnxFiles } from "./choose-onnx-files.ts";
import { choosePytorchFiles } from "./choose-pytorch-files.ts";
import { locationOf, type Reference } from "./parse-reference.ts";
import { networkRemedy } from "./download.ts";
import { toSafeName } from "./safe-path.ts";
import { type Environment, withoutSecrets } from "./sources/source.ts";
import { formsIn, type WeightsForm } from "./weights-form.ts";

export interface PullPlan {
  engine: Engine;
  /** Where the model will lie below the store's folder. */
  location: string;
  /** The weights first. Resolved when they are needed: a repository's list costs a request. `commit`: where what is here already came from. */
  files(signal: AbortSignal, commit?: string): Promise<CatalogueFile[]>;
  /** Whether a folder's files, by their paths below it, hold the form of the weights that is wanted; whatever is there is right where left out. */
  holds?(paths: readonly string[]): boolean;
  /** For names that another file could have too: where this one comes from. */
  source?: string;
  /** True where something must come over the network. */
  remote: boolean;
}

/** Works out which files make up what was asked for, and where they go. */
export async function planPull(
  reference: Reference,
  environment: Environment,
  form?: WeightsForm,
): Promise<PullPlan> {
  switch (reference.kind) {
    case "catalogue": {
      const { entry } = reference;
      return {
        engine: entry.engine,
        location: locationOf(entry),
        files: async () => entry.files,
        remote: true,
      };
    }
    case "hub":
      return planHub(reference, environment, form);
    case "url":
      return planUrl(reference.url);
    case "path":
      return planPath(reference.path, environment);
  }
}

function planHub(
  { repository, revision: pinned, file }: Extract<Reference, { kind: "hub" }>,
  environment: Environment,
  form: WeightsForm | undefined,
): PullPlan {
  const revision = pinned ?? "main";
  // A pinned revision lies beside whatever else of the repository is here.
  const place = pinned === undefined ? repository : `${repository}@${encodeURIComponent(pinned)}`;
  const toFile = (name: string, commit: string): CatalogueFile => ({
    path: `${place}/${name}`,
    sources: [{ kind: "hub", repository, revision: commit, file: name }],
  });
  if (file !== undefined) {
    const files = ggufParts(file).map((part) => toFile(part, revision));
    return {
      engine: "llama-cpp",
      location: `${place}/${file}`,
      files: async () => files,
      remote: true,
    };
  }
  const files = async (signal: AbortSignal, commit = revision): Promise<CatalogueFile[]> => {
    const { listHubFiles } = await import("./sources/hub.ts");
    const listing = await listHubFiles(repository, commit, { environment, signal }).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        throw unlisted(repository, error);
      },
    );
    const chosen =
      form === "pytorch"
        ? choosePytorchFiles(repository, listing.files)
        : chooseOnnxFiles(repository, listing.files, { form });
    // All files of one commit: a branch may move between two of them.
    return chosen.map((name) => toFile(name, listing.revision));
  };
  const holds = (paths: readonly string[]): boolean => {
    const here = formsIn(paths);
    return form === undefined ? here.some((each) => each !== "pytorch") : here.includes(form);
  };
  return { engine: "huggingface", location: place, files, holds, remote: true };
}

function unlisted(repository: string, error: unknown): ModelyardError {
  const { message, remedy, details } = toModelyardError(error, "download-failed");
  return new ModelyardError(
    "download-failed",
    `The files of ${repository} can't be listed: ${message}.`,
    {
      remedy: remedy ?? networkRemedy,
      details,
      cause: error,
    },
  );
}

function planUrl(url: URL): PullPlan {
  const name = basename(url.pathname);
  if (!/\.gguf$/i.test(name)) {
    throw new ModelyardError(
      "invalid-request",
      `${url.origin}${url.pathname} is not the address of a GGUF file.`,
      {
        remedy:
          "A URL must end in .gguf; for an ONNX model give `hf:owner/repo`, or the path of its folder.",
      },
    );
  }
  const location = `local/${toSafeName(name)}`;
  return {
    engine: "llama-cpp",
    location,
    files: async () => [{ path: location, sources: [{ kind: "https", url: url.href }] }],
    source: withoutSecrets(url),
    remote: true,
  };
}

async function planPath(given: string, environment: Environment): Promise<PullPlan> {
  const path = resolve(given.replace(/^~(?=[/\\])/, environment.HOME || homedir()));
  const facts = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const location = `local/${toSafeName(basename(path))}`;
  if (facts.isFile()) {
    const catalogued = await planCatalogued(path, facts.size);
    if (catalogued) return catalogued;
    const parts = ggufParts(basename(path)).map((name) => ({
      path: `local/${toSafeName(name)}`,
      sources: [{ kind: "file" as const, path: join(path, "..", name) }],
    }));
    for (const { sources } of parts)
      for (const source of sources) await refuseOtherThanGguf(source.path);
    return {
      engine: "llama-cpp",
      location: /\.gguf$/i.test(location) ? location : `${location}.gguf`,
      files: async () => withGgufName(parts),
      source: path,
      remote: false,
    };
  }
  if (!facts.isDirectory()) throw noModelAt(path, "it is neither a file nor a folder");
  const chosen = chooseOnnxFiles(path, await modelFilesIn(path), { local: true });
  for (const name of chosen) {
    const sameAsKnown = await planCatalogued(join(path, name), (await stat(join(path, name))).size);
    if (sameAsKnown) return sameAsKnown;
  }
  const files = chosen.map((name) => ({
    path: `${location}/${name}`,
    sources: [{ kind: "file" as const, path: join(path, name) }],
  }));
  const [weights = ""] = chosen;
  return {
    engine: "huggingface",
    location,
    files: async () => files,
    source: join(path, weights),
    remote: false,
  };
}

/**
 * A file that the catalogue knows by its digest fills the catalogue's place, so that the model goes by its name on a machine without a
 * network. Only where the others come with Modelyard.
 */
async function planCatalogued(path: string, sizeBytes: number): Promise<PullPlan | undefined> {
  const isSize = ({ sources }: CatalogueFile): boolean =>
    sources.some((source) => source.sha256 !== undefined && source.sizeBytes === sizeBytes);
  if (!catalogue.some(({ files }) => files.some(isSize))) return undefined;
  const sha256 = await digestOf(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const isIt = ({ sources }: CatalogueFile): boolean =>
    sources.some((source) => source.sha256 === sha256);
  const entry = catalogue.find(
    ({ files }) =>
      files.some(isIt) &&
      files.every((file) => isIt(file) || file.sources.some(({ kind }) => kind === "file")),
  );
  if (entry === undefined) return undefined;
  const files = entry.files.map((file): CatalogueFile =>
    isIt(file) ? { ...file, sources: [{ kind: "file", path, sizeBytes, sha256 }] } : file,
  );
  return {
    engine: entry.engine,
    location: locationOf(entry),
    files: async () => files,
    remote: false,
  };
}

/** The names of a folder's files, where those of a model lie: it may be any folder, with a whole disk below it. */
async function modelFilesIn(path: string): Promise<string[]> {
  const names = await Promise.all(
    ["", "onnx/", "1_Pooling/"].map(async (below) => {
      const reading = readdir(join(path, below), { withFileTypes: true });
      const entries = (await ifThere(reading)) ?? [];
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => below + name);
    }),
  );
  return names.flat();
}

async function refuseOtherThanGguf(path: string): Promise<void> {
  const problem = await inspectGguf(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (problem !== undefined) throw noModelAt(path, problem);
}

function noModelAt(path: string, problem: string): ModelyardError {
  return new ModelyardError("invalid-request", `${path} can't be used: ${problem}.`, {
    remedy: `${localRemedy} One that is cut short must be copied or fetched again.`,
  });
}

function unreadable(path: string, error: unknown): ModelyardError {
  const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const reason = error instanceof Error ? error.message : String(error);
  return new ModelyardError(
    "download-failed",
    missing ? `There is no ${path}.` : `${path} can't be read: ${reason}`,
    { remedy: localRemedy, cause: error },
  );
}

const localRemedy = "Give the path of a GGUF file, or of the folder of an ONNX model.";

/** A file given by its path may have any name; what lies in the store ends in `.gguf`. */
function withGgufName(files: CatalogueFile[]): CatalogueFile[] {
  return files.map((file) =>
    /\.gguf$/i.test(file.path) ? file : { ...file, path: `${file.path}.gguf` },
  );
}
