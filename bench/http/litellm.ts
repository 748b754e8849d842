import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ingredientCommand } from "../../test/peers/ingredient-command.ts";
import { peersFolder } from "../../test/peers/peers-folder.ts";
import { pip, python } from "../../test/peers/python.ts";
import type { ServerCommand } from "./server-process.ts";

/** Later ones need a package that is not to be had everywhere. */
const version = "1.99.4";

/** How LiteLLM's proxy is started before an upstream; it is fetched into the cache the first time, some 700 MB. */
export async function litellmBefore(baseUrl: string): Promise<ServerCommand> {
  const environment = path.join(await peersFolder("python"), `litellm-${version}`);
  if (!existsSync(path.join(environment, "whole"))) await fetchInto(environment);
  const folder = await mkdtemp(path.join(tmpdir(), "modelyard-litellm-"));
  const file = path.join(folder, "config.yaml");
  const target = { model: "openai/fixed", api_base: baseUrl, api_key: "none" };
  // YAML takes JSON.
  await writeFile(
    file,
    JSON.stringify({ model_list: [{ model_name: "fixed", litellm_params: target }] }),
  );
  return {
    program: path.join(environment, "bin", "litellm"),
    words: (port) => ["--config", file, "--host", "127.0.0.1", "--port", String(port)],
    environment: { LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_TELEMETRY: "False" },
    readyPath: "/health/readiness",
  };
}

async function fetchInto(environment: string): Promise<void> {
  await rm(environment, { recursive: true, force: true });
  await python(["-m", "venv", environment], "python3 can't make a virtual environment");
  await ingredientCommand(
    path.join(environment, "bin", "python"),
    pip("install", `litellm[proxy]==${version}`),
    "pip could not install LiteLLM",
    { progress: "bench: installing LiteLLM's proxy" },
  );
  await writeFile(path.join(environment, "whole"), "");
}
