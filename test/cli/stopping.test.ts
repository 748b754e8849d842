import { describe, expect, it } from "vitest";
import { startModelyard } from "./run-modelyard.ts";

async function post(url: string, path: string, body: object): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.runIf(process.platform !== "win32")("an engine's process under a server", () => {
  it.each<[string, NodeJS.Signals, number, number, RegExp]>([
    ["after the stream's time is up", "SIGTERM", 1, 0, /event: error/],
    ["at once with a second signal", "SIGTERM", 2, 143, /event: error/],
    ["at once with a second Ctrl-C", "SIGINT", 2, 130, /event: error/],
  ])("goes with it: %s", async (_, signal, signals, code, ending) => {
    const run = startModelyard(["serve", "--port", "0"], { entry: "test/cli/engine-modelyard.ts" });
    await run.saw("/mcp\n");
    const [, url = ""] = /(http:\S+)\/mcp/.exec(run.written.stdout) ?? [];
    const listed = await fetch(`${url}/v1/models`);
    const { data: models } = (await listed.json()) as { data: [{ id: string }] };
    const model = models[0].id;
    const embedded = await post(url, "/v1/embeddings", { model, input: "pid" });
    const { data } = (await embedded.json()) as { data: [{ embedding: [number] }] };
    const [pid] = data[0].embedding;
    expect(isAlive(pid)).toBe(true);
    const stream = await post(url, "/v1/chat/completions", {
      model,
      stream: true,
      messages: [{ role: "user", content: "slow" }],
    });
    const text = stream.text().catch(() => "cut");
    run.child.kill(signal);
    await run.saw("waiting for calls under way");
    if (signals === 2) run.child.kill(signal);
    expect((await run.ended).code).toBe(code);
    expect(await text).toMatch(ending);
    await expect.poll(() => isAlive(pid), { timeout: 3_000 }).toBe(false);
  });
});
