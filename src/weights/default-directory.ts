import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Environment } from "./sources/source.ts";

/** `$XDG_CACHE_HOME/modelyard/models`; without it `~/.cache/…`, on Windows `%LOCALAPPDATA%\modelyard\models`. */
export function defaultDirectory(environment: Environment): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  // A relative path is to be ignored, says the XDG specification.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "modelyard", "models");
  if (process.platform === "win32" && local) return join(local, "modelyard", "models");
  return join(environment.HOME || homedir(), ".cache", "modelyard", "models");
}
