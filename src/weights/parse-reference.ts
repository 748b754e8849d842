import { fileURLToPath } from "node:url";
import { ModelyardError } from "../contract/errors.ts";
import { nearest } from "../contract/nearest.ts";
import { type CatalogueEntry, catalogue } from "./catalogue.ts";
import { isSafePath } from "./safe-path.ts";

/** What a model can be asked for by. */
export type Reference =
  | { kind: "catalogue"; entry: CatalogueEntry }
  /** A file of a repository, or without `file` the folder of an ONNX model. */
  | { kind: "hub"; repository: string; revision?: string; file?: string }
  | { kind: "url"; url: URL }
  | { kind: "path"; path: string };

const repositoryPart = "[\\w][\\w.-]*";
const hubReference = new RegExp(
  `^(${repositoryPart}/${repositoryPart})(?:@([\\w][\\w.%-]*))?(?:/(.+))?$`,
);
const hubPage = new RegExp(
  `^/(${repositoryPart}/${repositoryPart})/(?:resolve|blob)/([^/]+)/(.+)$`,
);

/**
 * Reads what `modelyard pull` takes: a catalogue name, `hf:owner/repo/file.gguf`, `hf:owner/repo` for an ONNX model's folder (both
 * with `@revision` after the repository, and `hf:` may be left out), a URL, or a path (absolute, with `./`, or ending in `.gguf`).
 * What the catalogue knows under another name is read as the catalogue's, which knows more sources.
 * @throws ModelyardError `model-not-found` with the nearest names, or `invalid-request`.
 */
export function parseReference(
  text: string,
  { entries = catalogue }: { entries?: readonly CatalogueEntry[] } = {},
): Reference {
  const named = entries.find(({ name }) => name === text);
  if (named) return { kind: "catalogue", entry: named };
  if (/^https?:\/\//i.test(text)) return fromUrl(text, entries);
  if (/^file:\/\//i.test(text)) return { kind: "path", path: fileURLToPath(text) };
  if (/^(\.{0,2}[/\\]|~[/\\]|[a-z]:[/\\])/i.test(text) || /^[^/\\:]+\.gguf$/i.test(text))
    return { kind: "path", path: text };
  const explicit = text.startsWith("hf:");
  const [, repository, revision, file] = hubReference.exec(explicit ? text.slice(3) : text) ?? [];
  if (repository !== undefined) return fromHub(repository, revision, file, entries);
  if (explicit) throw unreadable(text);
  throw unknownName(text, entries);
}

function fromHub(
  repository: string,
  revision: string | undefined,
  file: string | undefined,
  entries: readonly CatalogueEntry[],
): Reference {
  if (file !== undefined && !isSafePath(file)) throw unreadable(`hf:${repository}/${file}`);
  if (file !== undefined && !/\.gguf$/i.test(file)) {
    throw new ModelyardError(
      "invalid-request",
      `${file} is no GGUF file, and ONNX models are folders.`,
      {
        remedy: `Ask for \`hf:${repository}\` (an ONNX model) or \`hf:${repository}/<file>.gguf\`.`,
      },
    );
  }
  const location = file === undefined ? repository : `${repository}/${file}`;
  const entry =
    revision === undefined ? entries.find((each) => locationOf(each) === location) : undefined;
  if (entry) return { kind: "catalogue", entry };
  return {
    kind: "hub",
    repository,
    ...(revision !== undefined && { revision: decode(revision) }),
    ...(file !== undefined && { file }),
  };
}

function fromUrl(text: string, entries: readonly CatalogueEntry[]): Reference {
  if (!URL.canParse(text)) throw unreadable(text);
  const url = new URL(text);
  // The address of a file's page on the hub is what people have at hand.
  const page = url.hostname === "huggingface.co" ? hubPage.exec(url.pathname) : null;
  const [, repository, revision, file] = page ?? [];
  if (repository !== undefined && file !== undefined)
    return fromHub(repository, revision === "main" ? undefined : revision, decode(file), entries);
  return { kind: "url", url };
}

/** Where an entry lies below the store's folder: its GGUF file, or the folder of its ONNX model. */
export function locationOf({ engine, files }: Pick<CatalogueEntry, "engine" | "files">): string {
  const path = files[0]?.path ?? "";
  return engine === "llama-cpp" ? path : path.split("/").slice(0, 2).join("/");
}

function decode(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    throw unreadable(written);
  }
}

function unreadable(text: string): ModelyardError {
  return new ModelyardError("invalid-request", `${JSON.stringify(text)} names no model file.`, {
    remedy: forms,
  });
}

const forms =
  "A model is named by the catalogue (`modelyard models`), `hf:owner/repo/file.gguf`, `hf:owner/repo`, a URL or a path such as ./file.gguf.";

function unknownName(text: string, entries: readonly CatalogueEntry[]): ModelyardError {
  const near = nearest(
    text,
    entries.map(({ name }) => name),
    3,
  );
  const hint = near.length === 0 ? "" : ` Near it: ${near.join(", ")}.`;
  return new ModelyardError(
    "model-not-found",
    `The catalogue has no model ${JSON.stringify(text)}.${hint}`,
    { model: text, remedy: forms, details: { nearest: near } },
  );
}
