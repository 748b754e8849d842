/**
 * The main job, from nothing: fetch the default models, then let an MCP client start the server and use its tools.
 * `npm run demo`; a second run starts from the cache.
 */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { formatBytes } from "../src/contract/format-bytes.ts";
import { formatDuration } from "../src/cli/terminal/format-duration.ts";
import { createProgressDisplay } from "../src/cli/terminal/progress-display.ts";
import { createModelyard, isModelyardError } from "../src/index.ts";

const defaultModels = ["smollm2:135m", "all-minilm-l6-v2"];
const command = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const { stdout, stderr } = process;

/** Fetches what is not here yet; what is, costs nothing. */
async function fetchModels(): Promise<void> {
  stdout.write("\nModels\n");
  await using modelyard = createModelyard({});
  for (const model of defaultModels) {
    const progress = createProgressDisplay(stderr);
    const pulled = await modelyard
      .pull(model, { onProgress: progress.update })
      .finally(progress.clear);
    const size = pulled.sizeBytes === undefined ? "" : `, ${formatBytes(pulled.sizeBytes)}`;
    stdout.write(`  ${pulled.model} is here${size}\n`);
  }
}

/** What a tool answers beside its text. */
interface Answer {
  model: string;
  backend: string;
  embeddings?: number[][];
  dimensions?: number;
  labels?: { label: string; score: number }[];
}

/** Calls a tool as an assistant would, shows what comes while it works, and says what answered and how long it took. */
async function callTool(
  client: Client,
  name: string,
  given: Record<string, unknown>,
  show: (answer: Answer) => string,
): Promise<void> {
  stdout.write(`\n${name} ${JSON.stringify(given)}\n`);
  const wait = createProgressDisplay(stderr);
  wait.begin("Waiting for the model");
  const startedAt = performance.now();
  let firstTextMs: number | undefined;
  const result = await client
    .callTool(
      { name, arguments: given },
      {
        timeout: 300_000,
        onprogress({ message, ...note }) {
          const { _meta: meta } = note as { _meta?: Record<string, unknown> };
          const phase = meta?.["modelyard/phase"];
          if (phase !== "text" || message === undefined) return;
          if (firstTextMs === undefined) {
            firstTextMs = performance.now() - startedAt;
            wait.clear();
            stdout.write("  ");
          }
          stdout.write(message.replaceAll("\n", "\n  "));
        },
      },
    )
    .finally(wait.clear);
  const elapsedMs = performance.now() - startedAt;
  if (result.isError === true) {
    const [first] = result.content;
    throw new Error(first?.type === "text" ? first.text : `${name} failed.`);
  }
  const answer = result.structuredContent as unknown as Answer;
  const begun = firstTextMs === undefined ? "" : `, begun after ${formatDuration(firstTextMs)}`;
  const shown = show(answer);
  if (shown !== "") stdout.write(`  ${shown}`);
  stdout.write(`\n  (${answer.backend}/${answer.model}, ${formatDuration(elapsedMs)}${begun})\n`);
}

async function useTools(): Promise<void> {
  stdout.write("\nAn MCP client starts `modelyard mcp` and lists its tools\n");
  const startedAt = performance.now();
  const client = new Client({ name: "modelyard-demo", version: "1.0.0" });
  const environment = Object.entries(process.env).filter((each) => each[1] !== undefined);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [command, "mcp", "--log-level", "warn"],
      env: Object.fromEntries(environment) as Record<string, string>,
    }),
  );
  try {
    const { tools } = await client.listTools();
    const elapsed = formatDuration(performance.now() - startedAt);
    stdout.write(`  ${tools.map(({ name }) => name).join(", ")}\n  (${elapsed})\n`);

    await callTool(
      client,
      "chat",
      { prompt: "Why is the sky blue? Answer in two sentences.", maxTokens: 96, temperature: 0 },
      () => "",
    );
    await callTool(
      client,
      "embed",
      { input: "The cat sits on the mat." },
      ({ embeddings = [], dimensions }) => {
        const numbers = (embeddings[0] ?? []).slice(0, 4).map((number) => number.toFixed(3));
        return `${dimensions} dimensions: ${numbers.join(", ")}, …`;
      },
    );
    await callTool(
      client,
      "classify",
      { input: "My order arrived broken.", labels: ["complaint", "praise", "question"] },
      ({ labels = [] }) =>
        labels.map(({ label, score }) => `${label} ${score.toFixed(2)}`).join(", "),
    );
  } finally {
    await client.close();
  }
}

try {
  await fetchModels();
  await useTools();
  stdout.write("\nThat is all. `npx modelyard --help` names the rest.\n");
} catch (error) {
  const remedy = isModelyardError(error) ? error.remedy : undefined;
  stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  if (remedy !== undefined) stderr.write(`${remedy}\n`);
  process.exitCode = 1;
}
