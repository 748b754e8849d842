import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInCapabilities } from "../../../contract/capabilities.ts";
import { createGateway } from "../../../gateway/gateway.ts";
import { parseConfiguration } from "../../../gateway/parse-configuration.ts";
import definition from "../index.ts";

const key = "k3y-0f/the=house+0123456789";
const company = "acme-c0mpany-1234";

/** All that a request says, as an upstream would repeat it. */
function repeated({ url = "", headers }: IncomingMessage): string {
  const [, pair = ""] = /^Basic (\S+)/.exec(headers.authorization ?? "") ?? [];
  const plain = Buffer.from(pair, "base64").toString();
  return `${key} ${JSON.stringify(headers)} ${plain} ${url} ${decodeURIComponent(url)}`;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json = (status: number, body: (said: string) => unknown): Answer => {
  return (request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body(repeated(request))));
  };
};

const chunk = (delta: object) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;

const streaming = (end: (said: string, response: ServerResponse) => void): Answer => {
  return (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ content: "a" }));
    setTimeout(() => end(repeated(request), response), 20);
  };
};

/** What an upstream may do with what it was told. */
const answers: Record<string, Answer> = {
  "a 401": json(401, (said) => ({ error: { message: `Wrong key: ${said}`, code: said } })),
  "a 403 in text": (request, response) => response.writeHead(403).end(repeated(request)),
  "a 400 about the model": json(400, (said) => ({ error: `model ${said} not found` })),
  "a 400 cut in its midst": json(400, () => ({ error: `${"x".repeat(985)}${key}` })),
  "a 500": json(500, (said) => ({ detail: [{ loc: ["body", said], msg: said }] })),
  "a 429": json(429, (said) => ({ error: { message: said, type: said } })),
  "a 200 with an error": json(200, (said) => ({ error: { message: said } })),
  "a 200 with something else": json(200, (said) => ({ said })),
  "a page": (request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><p>${repeated(request)}</p>`);
  },
  "a page cut in its midst": (_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><p>${"x".repeat(170)}${key}</p>`);
  },
  "a redirect": (request, response) => {
    const [, path = ""] = /^([^?]*)/.exec(request.url ?? "") ?? [];
    // Who follows it comes here again, and is told more.
    const location = `${path}/${encodeURIComponent(key)}?key=${encodeURIComponent(key)}`;
    response.writeHead(302, { location }).end();
  },
  "a redirect to nowhere": (_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:9/${encodeURIComponent(key)}` }).end();
  },
  "a redirect to no address": (_request, response) => {
    response.writeHead(307, { location: `http://[${encodeURIComponent(key)}` }).end();
  },
  "an error in mid-stream": streaming((said, response) =>
    response.end(`data: ${JSON.stringify({ error: { message: said, code: 500 } })}\n\n`),
  ),
  "a chunk that is no JSON": streaming((said, response) => response.end(`data: {${said}\n\n`)),
  "a stream that breaks off": streaming((_said, response) => response.destroy()),
  "no answer": (_request, response) => void response.destroy(),
};

let answer: Answer = (_request, response) => response.end();
let server: Server;
let port = 0;
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "modelyard-secrets-"));
  await writeFile(join(directory, "token"), `${key}\n`);
  server = createServer((request, response) => {
    request.resume().on("end", () => answer(request, response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

/** Every way to say who we are. */
const ways: Record<string, () => object> = {
  apiKey: () => ({ apiKey: key }),
  "a header without a telling name": () => ({
    auth: { type: "header", name: "x-company", value: key },
  }),
  "a query parameter without a telling name": () => ({
    auth: { type: "query", name: "who", value: key },
  }),
  basic: () => ({ auth: { type: "basic", username: "me", password: key } }),
  "a file": () => ({ auth: { type: "bearer", file: join(directory, "token") } }),
  "a command": () => ({
    auth: { type: "bearer", command: [process.execPath, "-p", JSON.stringify(key)] },
  }),
  "the user part of the address": () => ({
    baseUrl: `http://${encodeURIComponent(key)}@127.0.0.1:${port}/v1`,
  }),
  "the password of the address": () => ({
    baseUrl: `http://me:${encodeURIComponent(key)}@127.0.0.1:${port}/v1`,
  }),
  "the query of the address": () => ({
    baseUrl: `http://127.0.0.1:${port}/v1?api-key=${encodeURIComponent(key)}`,
  }),
};

/** All that anybody can see of a call that fails, of its backend, and of what was logged. */
async function seenWith(settings: object): Promise<{ seen: string[]; errors: unknown[] }> {
  const seen: string[] = [];
  const errors: unknown[] = [];
  const write = (line: string) => void seen.push(line);
  const configuration = parseConfiguration(
    {
      backends: {
        far: {
          type: "openai-compatible",
          // What is repeated says nothing new.
          retry: { attempts: 1 },
          profile: "vllm",
          baseUrl: `http://127.0.0.1:${port}/v1`,
          headers: { "x-company-2": company },
          ...settings,
        },
      },
    },
    { definitions: [definition], capabilities: builtInCapabilities },
  );
  const gateway = createGateway({
    configuration,
    definitions: [definition],
    log: { debug: write, info: write, warn: write, error: write },
  });
  const show = (value: unknown) =>
    seen.push(JSON.stringify(value), inspect(value, { depth: 20, showHidden: true }));
  for (const event of ["state", "health", "call"] as const) gateway.on(event, show);
  const failed = (error: unknown) => {
    errors.push(error);
    show(error);
    if (error instanceof Error) seen.push(error.message, error.stack ?? "");
  };
  const messages = [{ role: "user", content: "hi" }];
  const options = { model: "far/some-model" };
  const input = { messages, temperature: 0.5 };
  await gateway.call("chat", input, options).then(show, failed);
  try {
    const streamed = await gateway.stream("chat", input, options);
    try {
      for await (const event of streamed.events) show(event);
    } finally {
      show(streamed.warnings);
    }
  } catch (error) {
    failed(error);
  }
  await gateway.call("embedding", { input: "hi" }, options).then(show, failed);
  show(await gateway.backends({ health: true }));
  show(await gateway.models({ health: true }));
  await gateway.close({ drainMs: 0 });
  return { seen, errors };
}

function leaksIn(seen: readonly string[]): string[] {
  const forms = [key, encodeURIComponent(key), btoa(`me:${key}`), btoa(`${key}:`), company];
  // A beginning is too much as well.
  const beginnings = [key.slice(0, 10), encodeURIComponent(key).slice(0, 10), company.slice(0, 10)];
  return seen.filter((text) => [...forms, ...beginnings].some((form) => text.includes(form)));
}

async function expectNoLeak(given: Answer, settings: object): Promise<void> {
  answer = given;
  const { seen, errors } = await seenWith(settings);
  expect(errors.length).toBeGreaterThan(0);
  expect(leaksIn(seen)).toEqual([]);
}

describe.each(Object.entries(ways))("a key in %s", (_way, settings) => {
  it.each(Object.entries(answers))("stays in, after %s", async (_name, given) => {
    expect.hasAssertions();
    // So that the calls themselves are answered so, and not the question which models there are.
    await expectNoLeak(given, { ...settings(), models: ["some-model"] });
  });
});

describe("a key, where the models can't be listed,", () => {
  it.each(Object.entries(answers))("stays in, after %s", async (_name, given) => {
    expect.hasAssertions();
    await expectNoLeak(given, { apiKey: key });
  });
});

describe("a key", () => {
  it("stays in where a warning would repeat it", async () => {
    let asked = 0;
    answer = (request, response) => {
      if (request.method === "POST" && asked++ > 0)
        return json(200, () => ({
          choices: [{ message: { content: "hi" }, finish_reason: "stop" }],
        }))(request, response);
      const param = {
        message: `Unsupported parameter: 'temperature' ${key}`,
        param: "temperature",
      };
      json(400, () => ({ error: { ...param, code: "unsupported_parameter" } }))(request, response);
    };
    const { seen } = await seenWith({ apiKey: key });
    expect(seen.join()).toContain("temperature");
    expect(leaksIn(seen)).toEqual([]);
  });

  it("stays in where no command or file gives it", async () => {
    const complaint = `console.error("denied"); console.log(${JSON.stringify(key)}); process.exit(1)`;
    const command = [process.execPath, "-e", complaint];
    const { seen, errors } = await seenWith({ auth: { type: "bearer", command } });
    expect(errors[0]).toMatchObject({
      code: "backend-unauthorized",
      message: "The token command failed with exit code 1: denied.",
    });
    expect(leaksIn(seen)).toEqual([]);
  });

  it("is seen by its own server, or all this would prove nothing", async () => {
    const said: string[] = [];
    answer = (request, response) => {
      said.push(repeated({ ...request, url: request.url, headers: request.headers } as never));
      response.writeHead(401).end();
    };
    for (const settings of Object.values(ways)) {
      said.length = 0;
      await seenWith(settings());
      const without = said.map((text) => text.slice(key.length));
      expect(leaksIn(without).length).toBe(said.length);
      expect(without.some((text) => text.includes(key) || text.includes(btoa(`${key}:`)))).toBe(
        true,
      );
    }
  });
});
