import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { ingredientCommand } from "../../test/peers/ingredient-command.ts";
import { peersFolder } from "../../test/peers/peers-folder.ts";
import type { ServerCommand } from "./server-process.ts";

const version = "1.15.2";

/** Its newest dependencies do not fit it: it answers nothing with a later one of these. */
const overrides = { "@hono/node-server": "1.14.1" };

/** How Portkey's gateway is started; it is fetched into the cache the first time. */
export async function portkey(): Promise<ServerCommand> {
  const folder = path.join(await peersFolder("npm"), `portkey-gateway-${version}`);
  if (!existsSync(folder)) await fetchInto(folder);
  const program = "node_modules/@portkey-ai/gateway/build/start-server.js";
  return {
    words: (port) => [path.join(folder, program), "--headless", `--port=${port}`],
    readyPath: "/",
  };
}

/** Where a request goes stands in its headers. */
export function portkeyHeaders(baseUrl: string): Record<string, string> {
  return {
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": baseUrl,
    authorization: "Bearer none",
  };
}

async function fetchInto(folder: string): Promise<void> {
  const beside = await peersFolder(`npm/portkey-gateway-${version}.${process.pid}`);
  const manifest = { private: true, dependencies: { "@portkey-ai/gateway": version }, overrides };
  await writeFile(path.join(beside, "package.json"), JSON.stringify(manifest));
  await ingredientCommand(
    "npm",
    ["install", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"],
    "npm could not install Portkey's gateway",
    { cwd: beside, progress: "bench: installing Portkey's gateway" },
  );
  await rename(beside, folder);
}
