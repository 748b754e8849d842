import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { folderWith, startModelyard } from "../cli/run-modelyard.ts";

/** A server of jobs: one is posted, polled, and stopped. */
const stopped: string[] = [];
const server = createServer((request, response) => {
  if (request.method === "DELETE") stopped.push(request.url ?? "");
  // What stops a job need not be quick.
  setTimeout(() => response.end("{}"), request.method === "DELETE" ? 300 : 20);
});
let folder: string;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = folderWith({
    plugins: ["./jobs.ts"],
    backends: { jobs: {}, walled: { type: "jobs", isolate: true } },
  });
  fs.writeFileSync(
    path.join(folder, "jobs.ts"),
    `import { defineBackend, z } from "modelyard/backend";
export default defineBackend({
  type: "jobs", config: z.strictObject({}), upstream: () => ({ url: "${url}" }),
  create: ({ name, fetch }) => ({
    capabilities: {
      async *chat(request, context) {
        await context.fetch("${url}/jobs", { method: "POST" });
        try {
          for (;;) {
            const part = await context.fetch("${url}/jobs/1");
            await part.text();
            yield { type: "text-delta", text: "word " };
          }
        } finally {
          const answer = await fetch("${url}/" + name, { method: "DELETE" });
          await answer.text();
        }
      },
    },
    listModels: async () => [{ name: "any" }],
  }),
});`,
  );
});
afterEach(() => stopped.splice(0));
afterAll(() => {
  server.close();
  fs.rmSync(folder, { recursive: true });
});

describe("a job of a call that is given up is stopped before the program ends", () => {
  it("by Ctrl-C", async () => {
    const run = startModelyard(["chat", "-m", "jobs/any", "hi"], { directory: folder });
    await run.saw("word");
    run.child.kill("SIGINT");
    expect((await run.ended).code).toBe(130);
    expect(stopped).toEqual(["/jobs"]);
  });

  it("by the second signal to a server, behind the process wall too", async () => {
    const run = startModelyard(["serve", "--port", "0"], { directory: folder });
    await run.saw("/mcp\n");
    const [, url = ""] = /(http:\S+)\/mcp/.exec(run.written.stdout) ?? [];
    const ask = (model: string) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "hi" }] }),
      });
    const answers = await Promise.all(["jobs/any", "walled/any"].map(ask));
    const texts = Promise.all(answers.map((answer) => answer.text()));
    run.child.kill("SIGTERM");
    await run.saw("waiting for calls under way");
    run.child.kill("SIGTERM");
    expect((await run.ended).code).toBe(143);
    expect(stopped.toSorted()).toEqual(["/jobs", "/walled"]);
    for (const text of await texts) expect(text).toContain("event: error");
  });
});
