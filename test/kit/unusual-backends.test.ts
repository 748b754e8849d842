import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import {
  defineBackend,
  readJson,
  requestJson,
  warnOfIgnored,
  z,
} from "../../src/contract/index.ts";
import jobApi from "../../examples/backends/job-api.ts";
import { startAcme } from "../../examples/backends/servers/acme-server.ts";
import { testBackend } from "../../src/testing/index.ts";
import { answer, closure, say } from "./planted-faults/planted-fault.ts";

/** A server that begins a job, names it, and forgets it with its answer. */
async function startJobs() {
  const jobs = new Map<string, string>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const id = request.url?.slice("/jobs/".length) ?? "";
    const reply = (status: number, value: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (request.method === "POST") {
      const begun = randomUUID();
      jobs.set(begun, body);
      return reply(200, { id: begun });
    }
    if (!jobs.delete(id)) return reply(404, { error: "There is no such job." });
    return reply(200, { text: "one two three" });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const jobs = defineBackend({
  type: "jobs",
  config: z.strictObject({ baseUrl: z.url() }),
  upstream: ({ baseUrl }) => ({ url: baseUrl }),
  create: ({ config: { baseUrl } }) => ({
    capabilities: {
      async *completion({ prompt, ...rest }, context) {
        warnOfIgnored(rest, context);
        const begun = await requestJson(context.fetch, `${baseUrl}/jobs`, { body: { prompt } });
        const { id } = await readJson(begun, z.object({ id: z.string() }));
        const ended = await requestJson(context.fetch, `${baseUrl}/jobs/${id}`);
        const { text } = await readJson(ended, z.object({ text: z.string() }));
        yield { type: "text-delta", text };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});

it("a server that answers each job once is no fault of the backend that asks it", async () => {
  using server = await startJobs();
  const { badge, chapters } = await testBackend(jobs, {
    config: { baseUrl: server.baseUrl },
    only: ["lifecycle", "completion", "errors", "concurrency"],
  });
  const failed = chapters.flatMap(({ outcomes }) =>
    outcomes.flatMap((each) => (each.status === "failed" ? [each.check.id, each.seen] : [])),
  );
  expect(failed).toEqual([]);
  expect(badge.level).toBe("gold");
});

it("one that stops its jobs passes, whatever is given up", async () => {
  const server = await startAcme();
  try {
    const config = { baseUrl: server.url };
    const only = ["cancellation", "concurrency/one-given-up"];
    const { chapters } = await testBackend(jobApi, { config, only });
    const outcomes = chapters.flatMap((chapter) => chapter.outcomes);
    expect(outcomes.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(outcomes).toHaveLength(7);
  } finally {
    await server.close();
  }
});

it("what an earlier call still does is not laid at the door of what is tried now", async () => {
  const over = new AbortController();
  const never = closure({
    async *chat() {
      while (!over.signal.aborted)
        await new Promise((resolve) => void setTimeout(resolve, 2).unref());
      yield* say(answer);
    },
  });
  await testBackend(never, { timeoutMs: 100, only: ["chat/answers"] });
  const only = ["lifecycle/create-touches-nothing", "lifecycle/no-handle"];
  const { chapters } = await testBackend(closure({ chat: () => say(answer) }), { only });
  over.abort();
  expect(chapters.flatMap(({ outcomes }) => outcomes.map(({ status }) => status))).toEqual([
    "passed",
    "passed",
  ]);
});

it("says of one that sends nothing that it sends nothing, and not that it counts as remote", async () => {
  const { chapters } = await testBackend(closure({ chat: () => say(answer) }), {
    only: ["privacy/declared-upstream"],
  });
  expect(chapters[0]?.outcomes[0]).toMatchObject({
    status: "skipped",
    reason: "Its definition says that it sends nothing.",
  });
});

it("asks whole conversations of one whose sample is a prompt", async () => {
  const { chapters } = await testBackend(closure({ chat: () => say(answer) }), {
    requests: { chat: { prompt: "Count to four.", maxTokens: 24 } },
    only: ["chat/conversation", "chat/parts"],
  });
  const failed = chapters.flatMap(({ outcomes }) =>
    outcomes.filter(({ status }) => status === "failed").map(({ check }) => check.id),
  );
  expect(failed).toEqual([]);
});

it("who holds a request for a moment in a timer does not keep it", async () => {
  const brief = closure({
    chat(request) {
      setTimeout(() => void request.messages, 200).unref();
      return say(answer);
    },
  });
  const { chapters } = await testBackend(brief, { only: ["memory/requests"] });
  expect(chapters[0]?.outcomes[0]?.status).toBe("passed");
});
