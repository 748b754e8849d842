import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { EnginePackages } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { platformKey } from "./platform-key.ts";

/** A kind of backend, as far as its installation goes. */
export interface EngineKind {
  readonly type: string;
  readonly packages: EnginePackages;
}

/** The folder under which engines are installed, beside the one for weights. */
export function engineCacheFolder(environment: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local, HOME: home } = environment;
  // A relative path is to be ignored, says the XDG specification.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "modelyard", "engines");
  if (process.platform === "win32" && local) return join(local, "modelyard", "engines");
  return join(home || homedir(), ".cache", "modelyard", "engines");
}

/**
 * The package.json of an engine's installation, and the name of its folder: of another version, platform or list of packages is
 * another folder, so that what is there is never half of what is wanted.
 * @throws ModelyardError `backend-unavailable` where there are no binaries for this platform.
 */
export function engineManifest({ type, packages }: EngineKind): {
  folder: string;
  content: string;
} {
  const { versions, binaries, overrides } = packages;
  const platform = platformKey();
  const forPlatform = binaries?.[platform];
  if (binaries !== undefined && forPlatform === undefined) {
    throw new ModelyardError("backend-unavailable", `${type} has no binaries for ${platform}.`, {
      remedy: `It runs on ${Object.keys(binaries).join(", ")}. Use a server such as Ollama as the backend here.`,
    });
  }
  const dependencies = { ...versions, ...forPlatform };
  const manifest = { name: `modelyard-engine-${type}`, private: true, dependencies, overrides };
  const content = `${JSON.stringify(manifest, null, 2)}\n`;
  const digest = createHash("sha256").update(platform).update(content).digest("hex").slice(0, 8);
  return { folder: `${type}-${Object.values(versions)[0]}-${digest}`, content };
}
