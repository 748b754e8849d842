import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnyBackendDefinition, Log } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Progress } from "../contract/progress.ts";
import type { EngineKind } from "./engine-cache.ts";
import { ensurePackages, findInstalled } from "./install.ts";
import type { PackagePlace } from "./messages.ts";

/** An embedded engine, and where its binaries are; without `directory` they have to be installed first. */
export interface EngineStatus {
  type: string;
  /** The pinned version that would be installed. */
  version: string;
  directory?: string;
}

export interface InstallEngineOptions {
  readonly gpu?: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (event: Progress) => void;
  readonly log: Log;
}

/** The engines among these kinds, each with the place of its binaries. */
export function listEngines(definitions: readonly AnyBackendDefinition[]): EngineStatus[] {
  return enginesOf(definitions).map((engine) => toStatus(engine, findInstalled(engine)));
}

/** Fetches an engine's binaries. @throws ModelyardError `invalid-request` for one that is not there, or for another device than is supported */
export async function installEngine(
  definitions: readonly AnyBackendDefinition[],
  type: string,
  { gpu = "auto", signal, onProgress, log }: InstallEngineOptions,
): Promise<EngineStatus> {
  const engines = enginesOf(definitions);
  const engine = engines.find((each) => each.type === type);
  if (engine === undefined) {
    const names = engines.map((each) => each.type);
    throw new ModelyardError(
      "invalid-request",
      `There is no engine ${JSON.stringify(type)}.${didYouMean(type, names)}`,
      { remedy: `There are: ${names.join(", ")}.` },
    );
  }
  if (gpu !== "auto") {
    throw new ModelyardError(
      "invalid-request",
      `Binaries for ${gpu} are not yet supported in this version.`,
      {
        remedy: "Leave --gpu out: a Mac gets those for Metal, any other machine those for its CPU.",
      },
    );
  }
  return toStatus(engine, await ensurePackages(engine, { signal, progress: onProgress, log }));
}

function enginesOf(definitions: readonly AnyBackendDefinition[]): EngineKind[] {
  return definitions.flatMap(({ type, packages }) =>
    packages === undefined ? [] : [{ type, packages }],
  );
}

function toStatus({ type, packages }: EngineKind, place: PackagePlace | undefined): EngineStatus {
  const [name = "", version = ""] = Object.entries(packages.versions)[0] ?? [];
  if (place === undefined) return { type, version };
  // The place is where Node begins to look; a person wants to know what it finds.
  const manifest = findPackageJSON(name, pathToFileURL(join(place.folder, "engine.js")));
  return { type, version, directory: manifest === undefined ? place.folder : dirname(manifest) };
}
