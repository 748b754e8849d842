import { chaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { reset } from "../../src/testing/faults/connection.ts";
import { median, milliseconds } from "../interleave.ts";
import type { BarGroup } from "../row.ts";
import { chatBody, modelyardWith } from "./proxies.ts";
import { startServer } from "./server-process.ts";

/** Short ones in turns: two that follow each other share what else the machine is doing. */
const blocks = 40;
const callsPerBlock = 25;
const atOnce = 8;

type Model = "pair" | "second/chaos";

/** The first target of an alias refuses every connection; beside it, the same calls straight at the second. */
export const breaker: BarGroup = async ({ say }) => {
  await using first = await chaosUpstream({ script: () => reset("before-headers") });
  await using second = await chaosUpstream({ text: "A short answer." });
  const backend = { type: "openai-compatible", profile: "plain", models: ["chaos"] };
  const command = await modelyardWith(
    {
      first: { ...backend, baseUrl: `${first.url}/v1` },
      second: { ...backend, baseUrl: `${second.url}/v1` },
    },
    { models: [{ name: "pair", targets: ["first/chaos", "second/chaos"] }] },
  );
  const server = await startServer(command);
  const times: Record<Model, number[]> = { pair: [], "second/chaos": [] };
  const added: number[] = [];
  let failed = 0;

  async function call(model: Model): Promise<number> {
    const startedAt = performance.now();
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chatBody(model, false),
    });
    await response.text();
    if (!response.ok) failed++;
    return performance.now() - startedAt;
  }

  /** Gives the median of its calls. */
  async function block(model: Model): Promise<number> {
    const took: number[] = [];
    let left = callsPerBlock;
    const worker = async () => {
      while (left-- > 0) took.push(await call(model));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return median(took);
  }

  try {
    for (let round = 0; round < blocks; round++) {
      if (round % 10 === 0) say(`calls from ${round * callsPerBlock} on`);
      const order: Model[] = ["second/chaos", "pair"];
      if (round % 2 === 1) order.reverse();
      const took: Record<string, number> = {};
      for (const model of order) took[model] = await block(model);
      // The first blocks warm up, and the circuit opens in them.
      if (round < 4) continue;
      for (const model of order) times[model].push(took[model]!);
      added.push(took["pair"]! - took["second/chaos"]!);
    }
  } finally {
    await server.stop();
  }
  const touched = first.requests.filter(({ method }) => method === "POST").length;
  const [pair, straight] = [median(times.pair), median(times["second/chaos"])];
  const addedMs = median(added);
  return [
    {
      what: "first target refuses, 1,000 calls 8 at a time: calls that touch it",
      ours: `${touched}, ${failed} lost`,
      bar: "≤ 16, none lost",
      met: touched <= 16 && failed === 0,
    },
    {
      what: "what an open circuit adds to a call, against calls straight at the second target",
      ours: `${milliseconds(pair)}, ${addedMs.toFixed(2)} ms added`,
      theirs: milliseconds(straight),
      bar: "≤ 1 ms added",
      met: addedMs <= 1,
    },
  ];
};
