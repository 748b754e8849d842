import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BackendEntry, ModelEntry } from "../../src/gateway/api.ts";
import { startFake, webServer, type FakeServer } from "../discovery/fake-servers.ts";
import { folderWith, runModelyard } from "./run-modelyard.ts";

let studio: FakeServer;
let ollama: FakeServer;
let web: FakeServer;
let folder: string;

beforeAll(async () => {
  [studio, ollama, web] = await Promise.all([
    startFake("lm-studio"),
    startFake("ollama"),
    startFake("web", webServer),
  ]);
});
afterAll(() => Promise.all([studio, ollama, web].map((server) => server.close())));

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-found-"));
  return () => fs.rmSync(folder, { recursive: true });
});

/** Runs the command where these servers run, in a folder of its own. */
function run(words: readonly string[], options: { directory?: string; only?: string } = {}) {
  const { directory = folder, only } = options;
  const all = { "lm-studio": studio.port, ollama: ollama.port, "llama-server": web.port };
  const ports = Object.entries(all).filter(([kind]) => only === undefined || kind === only);
  return runModelyard(words, {
    directory,
    entry: "test/cli/found-modelyard.ts",
    environment: {
      FOUND_PORTS: JSON.stringify(Object.fromEntries(ports)),
      XDG_CONFIG_HOME: path.join(folder, "no-configuration"),
    },
  });
}

interface Doctor {
  findings: { what: string; status: string; message: string; remedy?: string }[];
}

async function examined(options: { directory?: string } = {}): Promise<Doctor["findings"]> {
  return (JSON.parse((await run(["doctor", "--json"], options)).stdout) as Doctor).findings;
}

describe("where nothing is configured", () => {
  it("what runs is listed, as far as this device goes", async () => {
    const { models } = JSON.parse((await run(["models", "--json"])).stdout) as {
      models: ModelEntry[];
    };
    expect(models.filter(({ backend }) => backend === "lm-studio")).toMatchObject([
      { name: "lm-studio/qwen3-4b", privacy: "device" },
      { name: "lm-studio/text-embedding-nomic", privacy: "device" },
    ]);
    const { backends } = JSON.parse((await run(["backends", "--json"])).stdout) as {
      backends: BackendEntry[];
    };
    const found = backends.filter(({ discovered }) => discovered === true);
    expect(found.map(({ name, type }) => [name, type])).toEqual([
      ["ollama", "ollama"],
      ["lm-studio", "openai-compatible"],
    ]);
  });

  it("doctor tells what runs, what is missing, and what answers strangely", async () => {
    const findings = await examined();
    expect(findings).toContainEqual({
      what: "Server lm-studio",
      status: "good",
      message: `runs at http://127.0.0.1:${studio.port} with 2 models: lm-studio/qwen3-4b, lm-studio/text-embedding-nomic`,
    });
    expect(findings).toContainEqual(
      expect.objectContaining({
        what: "Server ollama",
        status: "note",
        message: `runs at http://127.0.0.1:${ollama.port}, and lists no model`,
      }),
    );
    expect(findings).toContainEqual({
      what: `Port ${web.port}`,
      status: "note",
      message: expect.stringContaining(
        'answers 404, "<html><title>Nothing here</title></html>": none of those',
      ),
      remedy: expect.stringContaining(
        `{"type":"openai-compatible","baseUrl":"http://127.0.0.1:${web.port}/v1"}`,
      ),
    });
  });
});

describe("where something is configured", () => {
  it("doctor says how to use what runs and is not used", async () => {
    const directory = folderWith({ backends: { echo: {} } });
    const findings = await examined({ directory });
    fs.rmSync(directory, { recursive: true });
    const entry = `"lm-studio": {"type":"openai-compatible","baseUrl":"http://127.0.0.1:${studio.port}/v1","profile":"lm-studio"}`;
    expect(findings).toContainEqual({
      what: "Server lm-studio",
      status: "note",
      message: expect.stringContaining("it is not used"),
      remedy: `To use it, add ${entry} to backends in the configuration, or set "discover": true.`,
    });
  });

  it("doctor examines a server as the backend that it is, and names its address where it is down", async () => {
    const directory = folderWith({
      backends: {
        mine: {
          type: "openai-compatible",
          profile: "lm-studio",
          baseUrl: `http://localhost:${studio.port}/v1`,
        },
        gone: { type: "ollama", baseUrl: "http://127.0.0.1:9", apiKey: "secret" },
      },
    });
    const findings = await examined({ directory });
    fs.rmSync(directory, { recursive: true });
    const servers = findings.map(({ what }) => what).filter((what) => what.startsWith("Server "));
    expect(servers).toEqual(["Server ollama"]);
    expect(findings).toContainEqual(
      expect.objectContaining({ what: "Backend mine", status: "good" }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        what: "Backend gone",
        status: "broken",
        // What to do is said with the reason, once.
        message: expect.stringContaining("Start it"),
        remedy: `It is http://127.0.0.1:9; "enabled": false in backends.gone leaves it out.`,
      }),
    );
    expect(JSON.stringify(findings)).not.toContain("secret");
  });
});

describe("init", () => {
  it("writes what is found, right by its own check, and says what to do next", async () => {
    const { code, stdout, stderr } = await run(["init"]);
    const file = path.join(fs.realpathSync(folder), "modelyard.json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Wrote ${file}.\nFound: `);
    expect(stdout).toContain("  modelyard config check ");
    expect(fs.readdirSync(folder)).toEqual(["modelyard.json"]);
    const checked = await run(["config", "check", "--json"]);
    // Those found, and the embedded ones.
    expect(JSON.parse(checked.stdout)).toMatchObject({ valid: true, backends: 4 });
    const { models } = JSON.parse((await run(["models", "--json"])).stdout) as {
      models: ModelEntry[];
    };
    const named = models.map(({ name }) => name).filter((name) => name.startsWith("lm-studio"));
    expect(named).toEqual(["lm-studio/qwen3-4b", "lm-studio/text-embedding-nomic"]);
  });

  it("is right too with all its comments taken away", async () => {
    await run(["init"], { only: "lm-studio" });
    const file = path.join(folder, "modelyard.json");
    const text = fs.readFileSync(file, "utf8");
    const seen = new Set<string>();
    const uncommented = text.replaceAll(
      /^ *\/\/ ("(\w[\w-]*)": .*|\{ "name".*)$/gm,
      (_, rest, key) => {
        if (seen.has(key)) return "";
        if (key !== undefined) seen.add(key);
        return rest;
      },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["llama-cpp", "openai", "chat", "embedding"]));
    fs.writeFileSync(file, uncommented);
    const variables = [...uncommented.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, "key"]);
    const checked = await runModelyard(["config", "check"], {
      directory: folder,
      environment: Object.fromEntries(variables),
    });
    expect(checked).toMatchObject({ code: 0, stderr: "" });
  });

  it("leaves a file that is there as it is, unless it is told to replace it", async () => {
    const file = path.join(folder, "mine.json");
    fs.writeFileSync(file, "{}");
    const refused = await run(["init", "mine.json"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("is there already, and is left as it is.");
    expect(fs.readFileSync(file, "utf8")).toBe("{}");
    const forced = await run(["init", "mine.json", "--force"]);
    expect(forced.code).toBe(0);
    expect(forced.stdout).toContain("modelyard models --config mine.json");
    expect(fs.readFileSync(file, "utf8")).toContain('"lm-studio"');
  });

  it("makes the folder that it needs, and says where it can't write", async () => {
    expect((await run(["init", "some/where/modelyard.json"])).code).toBe(0);
    expect(fs.existsSync(path.join(folder, "some/where/modelyard.json"))).toBe(true);
    const { code, stderr } = await run(["init", "some/where/modelyard.json/inside.json"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/can't be written: E\w+\./);
  });
});
