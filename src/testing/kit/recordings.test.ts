import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { jsonAnswer } from "../answer.ts";
import { chaosUpstream, type ChaosUpstream } from "../chaos-upstream.ts";
import type { SeenRequest } from "../exchange.ts";
import { createRecordings, type OwnRecordings } from "./recordings.ts";

let server: ChaosUpstream;
let begun = 0;
beforeEach(async () => {
  begun = 0;
  server = await chaosUpstream({ answer: () => jsonAnswer({ job: `j${(begun += 1)}`, words: 2 }) });
});
afterEach(() => server.close());

async function ask(by: OwnRecordings, method: string, path: string, body?: object) {
  const bytes = Buffer.from(body === undefined ? "" : JSON.stringify(body));
  const headers = { "content-type": "application/json" };
  const seen: unknown = { method, path, bytes, body, headers };
  const answer = await by.answer(server.url, seen as SeenRequest, AbortSignal.timeout(5_000));
  return JSON.parse((await buffer(answer.parts)).toString()) as { job: string };
}

const begin = (by: OwnRecordings) => ask(by, "POST", "/jobs", { prompt: "hello" });

it("repeats what was answered, to others once the calls are over", async () => {
  const recordings = createRecordings();
  const [one, other] = [recordings.forBackend(), recordings.forBackend()];
  expect(await begin(one)).toMatchObject({ job: "j1" });
  expect(await begin(other)).toMatchObject({ job: "j2" });
  one.settle({ isGivenUp: false });
  expect(await begin(one)).toMatchObject({ job: "j1" });
  expect(await begin(recordings.forBackend())).toMatchObject({ job: "j1" });
});

it("hands no job to two calls: neither while it may yet be asked for, nor once one was", async () => {
  const recordings = createRecordings();
  const [one, other] = [recordings.forBackend(), recordings.forBackend()];
  await begin(one);
  await ask(one, "GET", "/jobs/j1?wait=1");
  one.settle({ isGivenUp: false });
  await begin(other);
  other.settle({ isGivenUp: false });
  expect([await begin(one), await begin(other)]).toMatchObject([{ job: "j4" }, { job: "j5" }]);
});

it("forgets what a call was answered that was given up", async () => {
  const recordings = createRecordings();
  const one = recordings.forBackend();
  await begin(one);
  one.settle({ isGivenUp: true });
  expect(await begin(one)).toMatchObject({ job: "j2" });
});

it("knows the name that a request asks for, in its path or its body", async () => {
  const one = createRecordings().forBackend();
  await ask(one, "POST", "/jobs", { prompt: "hello", model: "m-123456" });
  const nameIn = (path: string, body?: object) => one.nameIn({ path, body } as SeenRequest);
  expect(nameIn("/jobs/j1?from=0")).toBe("j1");
  expect(nameIn("/status?id=j1")).toBe("j1");
  expect(nameIn("/jobs", { model: "m-123456" })).toBeUndefined();
  expect(nameIn("/models")).toBeUndefined();
});
