import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { builtProgram } from "../built-program.ts";
import type { ServerCommand } from "./server-process.ts";

/** How `modelyard serve` is started before an upstream; `settings` are its backend's, beside the address. */
export async function modelyardBefore(
  baseUrl: string,
  settings: object = {},
): Promise<ServerCommand> {
  return modelyardWith({ fixed: { type: "openai-compatible", baseUrl, ...settings } });
}

/** How `modelyard serve` is started with these backends, and what else is configured. */
export async function modelyardWith(
  backends: object,
  configuration: object = {},
): Promise<ServerCommand> {
  const program = await builtProgram();
  const folder = await mkdtemp(path.join(tmpdir(), "modelyard-bench-"));
  const file = path.join(folder, "modelyard.json");
  await writeFile(file, JSON.stringify({ ...configuration, backends }));
  return { words: (port) => [program, "serve", "--config", file, "--port", String(port)] };
}

/** The proxy that does no more than it must. */
export function bareProxyBefore(baseUrl: string): ServerCommand {
  const program = path.join(import.meta.dirname, "bare-proxy.mjs");
  return { words: (port) => [program, String(port), baseUrl] };
}

/** A chat as clients ask for it: a few turns, some 1.2 kB. */
export function chatBody(model: string, stream: boolean): string {
  const question = "And what is the capital of France, the country to its west? ";
  return JSON.stringify({
    model,
    messages: [
      { role: "system", content: "You are a helpful assistant. Answer in one short sentence." },
      { role: "user", content: "What is the capital of Italy?" },
      { role: "assistant", content: "The capital of Italy is Rome." },
      { role: "user", content: question.repeat(15) },
    ],
    max_tokens: 64,
    temperature: 0.7,
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  });
}
