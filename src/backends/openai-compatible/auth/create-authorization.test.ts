import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Auth } from "./config.ts";
import { createAuthorization, type OutgoingRequest } from "./create-authorization.ts";

const never = new AbortController().signal;
const silence = { debug() {}, info() {}, warn() {}, error() {} };
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "modelyard-authorization-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

type Given = Parameters<typeof createAuthorization>[0];

/** An authorization, and what it has told to be secret. */
function created(given: Given) {
  const secrets: string[] = [];
  const secret = (value: string) => void secrets.push(value);
  return { secrets, ...createAuthorization(given, { log: silence, secret }) };
}

function outgoing(url = "http://127.0.0.1/v1/models?a=b"): OutgoingRequest {
  return { url: new URL(url), headers: { "Content-Type": "application/json" } };
}

async function sentBy(given: Given, request = outgoing()) {
  const { apply, secrets } = created(given);
  await apply(request, never);
  return { url: request.url.href, headers: request.headers, secrets };
}

/** A command that prints a token of its own each time (`token-1`, `token-2` …), and how often it has run. */
async function counting(name: string, print = "`token-${count}`") {
  const [script, runs] = [join(directory, `${name}.cjs`), join(directory, `${name}.txt`)];
  await writeFile(
    script,
    `const fs = require("node:fs");
     fs.appendFileSync(${JSON.stringify(runs)}, "x");
     const count = fs.readFileSync(${JSON.stringify(runs)}, "utf8").length;
     setTimeout(() => console.log(${print}), 200);`,
  );
  const countRuns = async () => (await readFile(runs, "utf8").catch(() => "")).length;
  const auth: Auth = { type: "bearer", command: [process.execPath, script] };
  return { auth, countRuns };
}

describe("credentials that are written down", () => {
  it.each<[string, Given, object]>([
    ["nothing", {}, {}],
    ["none", { auth: { type: "none" } }, {}],
    ["apiKey", { apiKey: "sk-1" }, { authorization: "Bearer sk-1" }],
    ["bearer", { auth: { type: "bearer", value: "sk-1" } }, { authorization: "Bearer sk-1" }],
    ["a scheme too many", { apiKey: "Bearer sk-1" }, { authorization: "Bearer sk-1" }],
    ["header", { auth: { type: "header", name: "Api-Key", value: "k" } }, { "api-key": "k" }],
    [
      "basic",
      { auth: { type: "basic", username: "me", password: "pä:ss" } },
      { authorization: `Basic ${Buffer.from("me:pä:ss").toString("base64")}` },
    ],
    [
      "several headers",
      { apiKey: "sk-1", headers: { "X-Company": "c", "content-type": "text/plain" } },
      { authorization: "Bearer sk-1", "x-company": "c" },
    ],
  ])("%s", async (_name, given, expected) => {
    const { url, headers } = await sentBy(given);
    const contentType =
      given.headers === undefined
        ? { "Content-Type": "application/json" }
        : { "content-type": "text/plain" };
    expect(headers).toEqual({ ...contentType, ...expected });
    expect(url).toBe("http://127.0.0.1/v1/models?a=b");
  });

  it("query", async () => {
    const auth = { type: "query", name: "key", value: "a&b" } as const;
    const { url, headers } = await sentBy({ auth });
    expect(url).toBe("http://127.0.0.1/v1/models?a=b&key=a%26b");
    expect(headers).toEqual({ "Content-Type": "application/json" });
  });

  it("the user part of an address leaves it, and is basic unless something else is said", async () => {
    const address = "http://me:p%40ss@127.0.0.1/v1";
    const basic = { authorization: `Basic ${btoa("me:p@ss")}` };
    const alone = await sentBy({}, outgoing(address));
    expect(alone.url).toBe("http://127.0.0.1/v1");
    expect(alone.headers).toMatchObject(basic);
    expect(alone.secrets).toContain("p@ss");
    const beside = await sentBy({ apiKey: "sk-1" }, outgoing(address));
    expect(beside.headers).toMatchObject({ authorization: "Bearer sk-1" });
  });

  it("are told to be secret before anything is sent, what says nothing about us excepted", () => {
    const headers = { "x-company": "acme-secret", "user-agent": "me", "x-title": "app" };
    expect(created({ apiKey: "sk-1", headers }).secrets).toEqual(["sk-1", "acme-secret"]);
    const auth = { type: "basic", username: "me", password: "pass" } as const;
    expect(created({ auth }).secrets).toEqual(["pass", `Basic ${btoa("me:pass")}`]);
  });

  it("can't be got anew", async () => {
    expect(await created({ apiKey: "sk-1" }).refresh(never)).toBe(false);
    expect(await created({}).refresh(never)).toBe(false);
  });
});

describe("a token from a file", () => {
  it("is read again when the file changes, and told to be secret", async () => {
    const file = join(directory, "token");
    await writeFile(file, "token-1\n");
    const { apply, secrets } = created({ auth: { type: "bearer", file } });
    const first = outgoing();
    await apply(first, never);
    expect(first.headers["authorization"]).toBe("Bearer token-1");
    await writeFile(file, "token-2\n");
    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    const second = outgoing();
    await apply(second, never);
    expect(second.headers["authorization"]).toBe("Bearer token-2");
    expect(secrets).toEqual(["token-1", "token-2"]);
  });

  it("is read again when it was refused", async () => {
    const file = join(directory, "refused");
    await writeFile(file, "token-1");
    const { apply, refresh } = created({ auth: { type: "bearer", file } });
    const request = outgoing();
    await apply(request, never);
    expect(await refresh(never, request)).toBe(false);
    await writeFile(file, "token-2");
    expect(await refresh(never, request)).toBe(true);
  });

  it.each([
    ["missing", undefined, "does not exist"],
    ["empty", "\n", "gives nothing"],
    ["long", "secret-1\nsecret-2\n", "gives more than one line"],
  ])("that is %s is an error that names it, until it is put right", async (name, text, said) => {
    const file = join(directory, name);
    if (text !== undefined) await writeFile(file, text);
    const { apply } = created({ auth: { type: "bearer", file } });
    await expect(apply(outgoing(), never)).rejects.toMatchObject({
      code: "backend-unauthorized",
      message: `The token file ${file} ${said}.`,
      remedy: expect.any(String),
    });
    await writeFile(file, "token-1");
    const request = outgoing();
    await apply(request, never);
    expect(request.headers["authorization"]).toBe("Bearer token-1");
  });
});

describe("a token from a command", () => {
  it("is got once for all who need it", async () => {
    const { auth, countRuns } = await counting("once");
    const { apply, secrets } = created({ auth });
    const requests = Array.from({ length: 10 }, () => outgoing());
    await Promise.all(requests.map((request) => apply(request, never)));
    await apply(outgoing(), never);
    expect(requests.map(({ headers }) => headers["authorization"])).toEqual(
      requests.map(() => "Bearer token-1"),
    );
    expect(await countRuns()).toBe(1);
    expect(secrets).toEqual(["token-1"]);
  });

  it("is got anew once for all whom a 401 met, whenever they hear of it", async () => {
    const { auth, countRuns } = await counting("refused");
    const { apply, refresh } = created({ auth });
    const requests = Array.from({ length: 10 }, () => outgoing());
    await Promise.all(requests.map((request) => apply(request, never)));
    const early = requests.slice(0, 5).map((request) => refresh(never, request));
    expect(await Promise.all(early)).toEqual([true, true, true, true, true]);
    const late = requests.slice(5).map((request) => refresh(never, request));
    expect(await Promise.all(late)).toEqual([true, true, true, true, true]);
    expect(await countRuns()).toBe(2);
    const request = outgoing();
    await apply(request, never);
    expect(request.headers["authorization"]).toBe("Bearer token-2");
    expect(await refresh(never, request)).toBe(true);
    expect(await countRuns()).toBe(3);
  });

  it("that stays the same is of no use after a 401", async () => {
    const { auth } = await counting("same", '"always-the-same"');
    const { apply, refresh } = created({ auth });
    const request = outgoing();
    await apply(request, never);
    expect(await refresh(never, request)).toBe(false);
  });

  it("is got anew a minute before it expires", async () => {
    const print = "JSON.stringify({ token: `token-${count}`, expires_in: 600 })";
    const { auth, countRuns } = await counting("expires", print);
    const { apply } = created({ auth });
    await apply(outgoing(), never);
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime(Date.now() + 500_000);
      await apply(outgoing(), never);
      expect(await countRuns()).toBe(1);
      vi.setSystemTime(Date.now() + 45_000);
      const request = outgoing();
      await apply(request, never);
      expect(request.headers["authorization"]).toBe("Bearer token-2");
    } finally {
      vi.useRealTimers();
    }
  });

  it("is still got for the others when one caller gives up", async () => {
    const { auth, countRuns } = await counting("given-up");
    const { apply } = created({ auth });
    const controller = new AbortController();
    const [one, other] = [outgoing(), outgoing()];
    const given = apply(one, controller.signal);
    const kept = apply(other, never);
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: "cancelled" });
    await kept;
    expect(other.headers["authorization"]).toBe("Bearer token-1");
    expect(await countRuns()).toBe(1);
  });

  it("that fails fails its calls, and is asked again by the next", async () => {
    const { auth, countRuns } = await counting("fails", "process.exit(7)");
    const { apply } = created({ auth });
    for (const runs of [1, 2]) {
      await expect(apply(outgoing(), never)).rejects.toMatchObject({
        code: "backend-unauthorized",
        message: "The token command failed with exit code 7.",
      });
      expect(await countRuns()).toBe(runs);
    }
  });
});
