import { chaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { reset } from "../../src/testing/faults/connection.ts";
import { median, milliseconds } from "../interleave.ts";
import type { BarGroup } from "../row.ts";
import { chatBody, modelyardWith } from "./proxies.ts";
import { startServer } from "./server-process.ts";

const blocks = 10;
const callsPerBlock = 100;
const atOnce = 8;

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
  const times = { pair: [] as number[], "second/chaos": [] as number[] };
  let failed = 0;

  async function call(model: keyof typeof times, counts: boolean): Promise<void> {
    const startedAt = performance.now();
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chatBody(model, false),
    });
    await response.text();
    if (!response.ok) failed++;
    if (counts) times[model].push(performance.now() - startedAt);
  }

  async function block(model: keyof typeof times, counts: boolean): Promise<void> {
    let left = callsPerBlock;
    const worker = async () => {
      while (left-- > 0) await call(model, counts);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  try {
    for (let round = 0; round < blocks; round++) {
      say(`calls ${round * callsPerBlock} to ${(round + 1) * callsPerBlock}`);
      // The first block warms up, and the circuit opens in it.
      await block("second/chaos", round > 0);
      await block("pair", round > 0);
    }
  } finally {
    await server.stop();
  }
  const touched = first.requests.filter(({ method }) => method === "POST").length;
  const [pair, straight] = [median(times.pair), median(times["second/chaos"])];
  return [
    {
      what: "first target refuses, 1,000 calls 8 at a time: calls that touch it",
      ours: `${touched}, ${failed} lost`,
      bar: "≤ 16, none lost",
      met: touched <= 16 && failed === 0,
    },
    {
      what: "what an open circuit adds to a call, against calls straight at the second target",
      ours: milliseconds(pair),
      theirs: milliseconds(straight),
      bar: "≤ 1 ms added",
      met: pair - straight <= 1,
    },
  ];
};
