import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { MissingIngredient } from "./missing-ingredient.ts";
import { pythonPackage } from "./python-package.ts";

/** The Python package that the server comes in. */
export const llamaServerPackage = "xllamacpp==2026.10.11549";

export interface LlamaServerOptions {
  /** Path of a GGUF file. */
  model: string;
  /** The name that it answers to; left out: the file's name without its ending. */
  alias?: string;
  /** How many calls it works on at once. */
  slots?: number;
  /** Of each slot. */
  contextTokens?: number;
  threads?: number;
  /** For an embedding model: the server then embeds, and refuses to chat where the model can't. */
  embeddings?: boolean;
  /** For a reranker: the server then ranks, as with --rerank. */
  reranking?: boolean;
  /** Left out: any that is free. */
  port?: number;
}

export interface LlamaServer {
  /** Its address without a path. */
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a real llama.cpp server, out of the Python package xllamacpp, and waits until it answers. It ends with this process. */
export async function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer> {
  const {
    model,
    alias = basename(model, ".gguf"),
    slots = 1,
    contextTokens = 2048,
    threads = 1,
    embeddings = false,
    reranking = false,
    port = 0,
  } = options;
  await access(model).catch((cause: unknown) => {
    throw new MissingIngredient(`there is no readable file ${model}`, { cause });
  });
  const packages = await pythonPackage(llamaServerPackage);
  const settings = {
    model,
    alias,
    slots,
    context_tokens: contextTokens,
    threads,
    embeddings,
    reranking,
    port,
  };
  const child = spawn(
    "python3",
    [join(import.meta.dirname, "llama-server.py"), JSON.stringify(settings)],
    {
      env: { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  const ended = once(child, "close");
  const stop = async () => {
    const late = setTimeout(() => child.kill("SIGKILL"), 3000);
    child.kill();
    await ended;
    clearTimeout(late);
  };
  try {
    const url = await untilReady(child, ended);
    return { url, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(
  { stdout, stderr }: ChildProcess,
  ended: Promise<unknown[]>,
): Promise<string> {
  if (!stdout || !stderr) throw new Error("The server was started without pipes.");
  const said: string[] = [];
  // read for as long as it runs: a full pipe would stop it
  createInterface(stderr).on("line", (line) => said.push(line) > 20 && said.shift());
  const ready = new Promise<string>((resolve) => {
    createInterface(stdout).on(
      "line",
      (line) => line.startsWith("ready ") && resolve(line.slice("ready ".length)),
    );
  });
  const early = ended.then(([code]) => {
    throw new Error(
      `llama.cpp's server ended with ${String(code)} before it was ready:\n${said.join("\n")}`,
    );
  });
  return await Promise.race([ready, early]);
}
