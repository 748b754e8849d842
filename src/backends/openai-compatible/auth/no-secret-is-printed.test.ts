import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "..", "..", "..", "cli", "main.ts");
const secret = "s3cret-";
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "modelyard-printed-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What a command prints, on either stream, with this backend configured. Nothing listens where it sends. */
async function printed(parameters: string[], backend: object, environment = {}): Promise<string> {
  const file = join(directory, "modelyard.json");
  const far = { type: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1", ...backend };
  await writeFile(file, JSON.stringify({ backends: { far } }));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...parameters, "--json", "--config", file],
      { env: { ...process.env, ...environment } },
      (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
    );
  });
}

const commands = ["config check", "doctor", "backends", "models"];

describe.each(commands)("modelyard %s", (command) => {
  const parameters = command.split(" ");

  it("prints no secret of a configuration that is right", async () => {
    const text = await printed(parameters, {
      baseUrl: `http://me:${secret}1@127.0.0.1:9/v1?api-key=${secret}2`,
      auth: { type: "header", name: "x-company", value: `${secret}3` },
      headers: { "x-project": `${secret}4` },
    });
    expect(text).toMatch(/\{.*\}/);
    expect(text).not.toContain(secret);
  });

  it("prints no secret of one that is wrong", async () => {
    const text = await printed(
      parameters,
      {
        baseUrl: `nope://me:${secret}1@127.0.0.1:9`,
        apiKey: "${THE_KEY}",
        auth: { type: "header", value: `${secret}2`, file: 4711471147 },
        headers: { "x-project": 4711471147, "x-company": `${secret}3\u0007` },
      },
      { THE_KEY: `${secret}4\n${secret}5` },
    );
    expect(text).toMatch(/backends\.far\.apiKey/);
    expect(text).not.toContain(secret);
    expect(text).not.toContain("4711471147");
  });
});
