// Runs the conformance kit on every example of a backend: `npm run check:examples`. Each must be gold, but for what is said below.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startAcme } from "../examples/backends/servers/acme-server.ts";
import { createPluginLoader } from "../src/plugins/plugin-loader.ts";
import { chaosUpstream, formatReport, testBackend, type Level } from "../src/testing/index.ts";

const folder = path.resolve(import.meta.dirname, "../examples/backends");
const acme = await startAcme();
const openAi = await chaosUpstream({ models: ["small"] });

interface Trial {
  readonly config?: object;
  readonly models?: string;
  /** The least that it must reach. */
  readonly level?: Level;
  /** What is not tried, and why. */
  readonly skip?: Readonly<Record<string, string>>;
  /** A program that it needs; without it the example is passed over, and said to be. */
  readonly needs?: readonly [string, string];
}

/** Their programs say a word at a time on purpose, so that one sees them stream. */
const slow = { "unicode-and-size/large-input": "it takes its time for each word" };

/** What each is tried with; what is not named here needs nothing. */
const trials: Readonly<Record<string, Trial>> = {
  "http-api.ts": { config: { baseUrl: acme.url } },
  "openai-like.ts": { config: { baseUrl: `${openAi.url}/v1`, apiKey: "key-of-the-example" } },
  "two-capabilities.ts": { config: { baseUrl: openAi.url } },
  "plain-json.ts": { config: { baseUrl: acme.url } },
  "job-api.ts": { config: { baseUrl: acme.url }, models: "small" },
  "json-lines.ts": { config: { baseUrl: acme.url }, models: "small" },
  "sse-with-errors.ts": { config: { baseUrl: acme.url }, models: "small" },
  "wraps-another.ts": { config: { baseUrl: acme.url }, models: "small" },
  "embedding-only.ts": { config: { baseUrl: acme.url } },
  "class-style.ts": { config: { baseUrl: acme.url } },
  "python-subprocess.ts": { models: "small", skip: slow, needs: ["python3", "--version"] },
  "go-subprocess.ts": { models: "small", skip: slow, needs: ["go", "version"] },
};

const order: readonly string[] = ["none", "bronze", "silver", "gold"];
const loader = createPluginLoader();
const wanted = process.argv.slice(2);
try {
  const files = fs.readdirSync(folder).filter((file) => file.endsWith(".ts"));
  for (const name of [...files, "package"]) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await tryOne(name, trials[name] ?? {});
  }
} finally {
  await Promise.all([acme.close(), openAi.close()]);
}
process.exit();

async function tryOne(name: string, { level = "gold", needs, ...options }: Trial): Promise<void> {
  if (needs !== undefined && spawnSync(needs[0], [needs[1]]).status !== 0) {
    console.log(`– ${name}: ${needs[0]} is not installed`);
    return;
  }
  const { outcomes } = await loader.load([{ name: `./${name}`, from: folder }]);
  const [plugin] = outcomes;
  if (plugin === undefined || "problem" in plugin) throw new Error(`${name}: ${plugin?.problem}`);
  const report = await testBackend(plugin.definitions[0]!, options);
  const isGood = order.indexOf(report.badge.level) >= order.indexOf(level);
  console.log(`${isGood ? "✓" : "✗"} ${name}: ${report.badge.level}`);
  if (isGood) return;
  process.exitCode = 1;
  console.log(formatReport(report, { colours: false }));
}
