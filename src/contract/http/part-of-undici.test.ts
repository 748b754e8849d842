import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Agent, buildConnector } from "undici";
import { expect, it } from "vitest";
import { partOfUndici } from "./part-of-undici.ts";

it("gives the very parts that undici exports", () => {
  expect(partOfUndici("Agent")).toBe(Agent);
  expect(partOfUndici("buildConnector")).toBe(buildConnector);
});

it("leaves the rest of it unloaded", async () => {
  const agents = JSON.stringify(new URL("./agents.ts", import.meta.url).href);
  const program = `
    const { createAgents } = await import(${agents});
    createAgents({ connectMs: 1000, environment: {} }).of("device");
    const { createRequire } = await import("node:module");
    console.log(Object.keys(createRequire(import.meta.url).cache).join("\\n"));`;
  const words = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toMatch(/undici.lib.dispatcher.agent\.js/);
  expect(stdout).not.toMatch(/undici.(index\.js|lib.(web|mock|cache|interceptor))/);
});
