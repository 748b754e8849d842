import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { silentLog } from "../../src/contract/silent-log.ts";
import type { AnyBackendDefinition, Backend, CallContext } from "../../src/contract/backend.ts";
import { chat, type ChatRequest } from "../../src/contract/capabilities/chat.ts";
import { validate } from "../../src/contract/validate.ts";
import go from "../../examples/backends/go-subprocess.ts";
import python from "../../examples/backends/python-subprocess.ts";

function start(definition: AnyBackendDefinition): Backend {
  const config: unknown = validate(definition.config, {}, { what: "configuration" });
  const setup = { name: definition.type, config, fetch, log: silentLog };
  return definition.create({ ...setup, unloaded() {}, secret() {} });
}

function ask(backend: Backend, text: string, signal: AbortSignal) {
  const messages = [{ role: "user", content: [{ type: "text", text }] }] as const;
  const request = chat.shortcut?.({ messages }) as ChatRequest;
  const context: CallContext = {
    model: "m",
    signal,
    stream: true,
    fetch,
    warn() {},
    progress() {},
  };
  return backend.capabilities.chat!(request, context);
}

const programs = [
  { language: "Python", definition: python, command: ["python3", "--version"] },
  { language: "Go", definition: go, command: ["go", "version"] },
].filter(({ command: [name = "", ...args] }) => runs(name, ...args));

// The first time, Go compiles what its standard library is made of.
it.each(programs)("a program in $language is a backend", { timeout: 180_000 }, async (program) => {
  const backend = start(program.definition);
  const given = new AbortController();
  let read = 0;
  const giveUp = async () => {
    const long = ask(backend, "word ".repeat(10_000), given.signal);
    for await (const _ of long) if (++read === 2) given.abort();
  };
  const sayBack = async () => {
    const events = [];
    for await (const event of ask(backend, "grün 日本", new AbortController().signal))
      events.push(event);
    return events;
  };
  const [events, error] = await Promise.all([
    sayBack(),
    giveUp().catch((thrown: unknown) => thrown),
  ]);
  expect(events).toEqual([
    ...["User: ", "grün ", "日本 ", "Assistant: "].map((text) => ({ type: "text-delta", text })),
    { type: "finish", reason: "stop", usage: {} },
  ]);
  expect(error).toMatchObject({ code: "cancelled" });
  expect(read).toBe(2);
  await backend.shutdown?.();
});

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false; // It is not installed.
  }
}
