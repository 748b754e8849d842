import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { openOllama, recording } from "./__fixtures__/open-ollama.ts";

const weights = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const tags = recording("tags-pulled");
const line = (value: object) => `${JSON.stringify(value)}\n`;
const part = (completed: number) => ({ digest: `sha256:${weights}`, total: 100, completed });

/** A pull that says this and ends. */
const saying = (...lines: object[]) => ({
  status: 200,
  chunks: lines.map((each) => [0, line(each)]),
});
const pulls = (requests: readonly { path: string }[]) =>
  requests.filter(({ path }) => path === "/api/pull");

describe("a pull", () => {
  it("goes on after the upstream of Ollama broke off, as long as bytes come", async () => {
    const broken = { error: "max retries exceeded: unexpected EOF" };
    await using ollama = await openOllama({
      "POST /api/pull": [
        saying(part(10), broken),
        saying(part(40), broken),
        // Begins anew with what it has: nobody is told of less.
        saying(part(30)),
        saying(part(100), { status: "success" }),
      ],
      "GET /api/tags": tags,
    });
    const { progress, result } = await ollama.pull("smollm2:135m");
    expect(progress.map(({ doneBytes }) => doneBytes)).toEqual([10, 40, 40, 100]);
    expect(result).toMatchObject({ name: "smollm2:135m", sha256: weights });
    expect(pulls(ollama.requests)).toHaveLength(4);
  });

  it("gives up where no more bytes come", { timeout: 20_000 }, async () => {
    const broken = { error: "max retries exceeded: unexpected EOF" };
    await using ollama = await openOllama({ "POST /api/pull": [saying(part(10), broken)] });
    await expect(ollama.pull("smollm2:135m")).rejects.toMatchObject({ code: "download-failed" });
    expect(pulls(ollama.requests)).toHaveLength(5);
  });

  it("ends at once when nobody waits any more, and so does Ollama's", async () => {
    const closed = Promise.withResolvers<void>();
    const hanging = (_: unknown, response: ServerResponse) => {
      response.on("close", () => closed.resolve());
      response.writeHead(200).write(line(part(10)));
    };
    await using ollama = await openOllama({ "POST /api/pull": hanging });
    const controller = new AbortController();
    const steps = ollama.backend.pull!("smollm2:135m", { signal: controller.signal })[
      Symbol.asyncIterator
    ]();
    await steps.next();
    const next = steps.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ code: "cancelled" });
    await closed.promise;
    expect(pulls(ollama.requests)).toHaveLength(1);
  });

  it("is held to a digest: of the weights, or of the whole", async () => {
    const answers = { "POST /api/pull": recording("pull-again"), "GET /api/tags": tags };
    await using ollama = await openOllama(answers);
    const whole = "debca24298381efc4b243eea3fdd55ffce16e6a7ea05280c8518764ac5375d97";
    expect((await ollama.pull("smollm2:135m", weights)).result).toMatchObject({ sha256: weights });
    expect((await ollama.pull("smollm2:135m", whole)).result).toMatchObject({ sha256: weights });
  });

  it("with another digest than promised is deleted again", async () => {
    await using ollama = await openOllama({
      "POST /api/pull": recording("pull-again"),
      "GET /api/tags": tags,
      "DELETE /api/delete": recording("delete"),
    });
    await expect(ollama.pull("smollm2:135m", "0".repeat(64))).rejects.toMatchObject({
      code: "download-failed",
      details: { actual: weights },
    });
    expect(ollama.requests.at(-1)).toMatchObject({ method: "DELETE" });
  });

  it("is listed under its full name", async () => {
    const listed = { models: [{ name: "small:latest", digest: "d", size: 5 }] };
    await using ollama = await openOllama({
      "POST /api/pull": saying({ status: "success" }),
      "GET /api/tags": { status: 200, body: listed },
    });
    expect((await ollama.pull("small")).result).toEqual({ name: "small:latest", sizeBytes: 5 });
  });

  it.each([
    ["127.0.0.1:5000/library/x", true],
    ["localhost:5000/library/x", true],
    ["10.0.0.5:5000/library/x", undefined],
    ["registry.example/library/x", undefined],
    ["localhost/x", undefined],
    ["x", undefined],
  ])("of %s by plain HTTP: %s", async (model, insecure) => {
    await using ollama = await openOllama({
      "POST /api/pull": saying({ status: "success" }),
      "GET /api/tags": tags,
    });
    await ollama.pull(model);
    const body = pulls(ollama.requests)[0] as unknown as { body: object };
    expect(body.body).toEqual({ model, stream: true, ...(insecure ? { insecure } : {}) });
  });

  it.each([
    ["no space left on device", "storage-failed"],
    ["pull model manifest: 412: requires a newer version of Ollama", "download-failed"],
    ["something new", "download-failed"],
  ])("that fails by %j is %s", async (error, code) => {
    await using ollama = await openOllama({ "POST /api/pull": saying({ error }) });
    await expect(ollama.pull("x")).rejects.toMatchObject({ code });
  });
});
