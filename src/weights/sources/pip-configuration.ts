import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./source.ts";

export interface PipConfiguration {
  /** Package indexes to ask, in this order; a URL may carry user and password. */
  indexes: string[];
  /** A file of certificates that the index's own is signed by. */
  certificatePath?: string;
  /** Hosts that the machine's owner lets speak plain http. */
  plainHttpHosts: string[];
}

export const publicIndex = "https://pypi.org/simple";

/**
 * The machine's own package index, found the way pip does: the environment before the configuration files, the narrower file
 * before the wider. uv's names are read too, as machines without pip have those alone.
 */
export async function pipConfiguration(environment: Environment): Promise<PipConfiguration> {
  const settings = new Map<string, string>();
  for (const path of configurationFiles(environment)) {
    // A file that is not there or can't be read is no configuration, to pip as well.
    const text = await readFile(path, "utf8").catch(() => "");
    for (const [key, value] of parse(text)) settings.set(key, value);
  }
  const first =
    environment.PIP_INDEX_URL ||
    environment.UV_DEFAULT_INDEX ||
    environment.UV_INDEX_URL ||
    settings.get("index-url");
  const extra =
    environment.PIP_EXTRA_INDEX_URL ||
    environment.UV_EXTRA_INDEX_URL ||
    settings.get("extra-index-url");
  const indexes = [first || publicIndex, ...(extra ?? "").split(/\s+/)]
    // uv lets a name stand before the address.
    .map((each) => each.replace(/^[\w.-]+=(?=https?:)/, "").replace(/\/+$/, ""))
    .filter((each) => URL.canParse(each));
  const certificatePath = environment.PIP_CERT || settings.get("cert");
  const trusted =
    environment.PIP_TRUSTED_HOST ||
    environment.UV_INSECURE_HOST ||
    settings.get("trusted-host") ||
    "";
  const plainHttpHosts = trusted.split(/\s+/).filter(Boolean);
  return {
    indexes: [...new Set(indexes)],
    plainHttpHosts,
    ...(certificatePath ? { certificatePath } : {}),
  };
}

/** The files that pip reads, the widest first. */
function configurationFiles(environment: Environment): string[] {
  const home = environment.HOME ?? environment.USERPROFILE ?? homedir();
  const files: string[] = [];
  if (process.platform === "win32") {
    files.push(
      join(environment.PROGRAMDATA ?? "C:\\ProgramData", "pip", "pip.ini"),
      join(home, "pip", "pip.ini"),
    );
    if (environment.APPDATA) files.push(join(environment.APPDATA, "pip", "pip.ini"));
  } else {
    files.push("/etc/xdg/pip/pip.conf", "/etc/pip.conf", join(home, ".pip", "pip.conf"));
    if (process.platform === "darwin")
      files.push(join(home, "Library", "Application Support", "pip", "pip.conf"));
    files.push(join(environment.XDG_CONFIG_HOME || join(home, ".config"), "pip", "pip.conf"));
  }
  if (environment.VIRTUAL_ENV) {
    files.push(
      join(environment.VIRTUAL_ENV, process.platform === "win32" ? "pip.ini" : "pip.conf"),
    );
  }
  if (environment.PIP_CONFIG_FILE) {
    // pip's own way to say "no files at all".
    if (environment.PIP_CONFIG_FILE === "/dev/null" || environment.PIP_CONFIG_FILE === "nul")
      return [];
    files.push(environment.PIP_CONFIG_FILE);
  }
  return files;
}

/** Keys of `[global]`, over them `[install]` and `[download]`. */
function parse(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = "";
  let key = "";
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const pair = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (heading !== undefined) section = heading;
    else if (/^\s*[#;]/.test(line) || !["global", "install", "download"].includes(section))
      continue;
    else if (pair) {
      key = (pair[1] ?? "").replaceAll("_", "-");
      values.set(key, (pair[2] ?? "").trim());
    } else if (/^\s+\S/.test(line) && values.has(key)) {
      values.set(key, `${values.get(key) ?? ""} ${line.trim()}`.trim());
    }
  }
  return values;
}
