import { setTimeout as sleep } from "node:timers/promises";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { unavailable } from "../../src/testing/faults/refusal.ts";
import { milliseconds } from "../interleave.ts";
import type { BarGroup, Row } from "../row.ts";
import { cataloguedFaults, type CataloguedFault } from "./fault-list.ts";
import { modelyardWith } from "./proxies.ts";
import { startServer } from "./server-process.ts";

/** How a call ended for its caller, and who answered. */
interface Seen {
  readonly ending: "whole" | "error before text" | "error after text" | "cut, sold as whole";
  readonly by?: string | undefined;
  readonly model?: string | undefined;
  readonly attempts: number;
  readonly counted: boolean;
  readonly code?: string | undefined;
  readonly tookMs: number;
}

type Ask = (model: string, stream: boolean) => Promise<Seen>;

/** Whoever waits longer has been left hanging. */
const longestMs = 20_000;
const outageMs = 3_000;
const cooldownMs = 2_000;

/** The faults of failoverbench's catalogue, each at the first of two targets of an alias of `modelyard serve`. */
export const faultBars: BarGroup = async ({ say }) => {
  const calls = new Map<unknown, number>();
  const outage = { endsAt: Number.POSITIVE_INFINITY };
  await using first = await chaosUpstream({
    script(_, { body }) {
      const { model = "" } = (body ?? {}) as { model?: string };
      if (model === "outage") return Date.now() < outage.endsAt ? unavailable() : undefined;
      const call = (calls.get(model) ?? 0) + 1;
      calls.set(model, call);
      return faultOf(model)?.fault(call);
    },
  });
  await using second = await chaosUpstream({
    script: (_, { body }) => faultOf((body as { model?: string } | undefined)?.model)?.other,
  });
  const names = cataloguedFaults.flatMap((_, index) => [`${index}-streamed`, `${index}-whole`]);
  const models = [...names, "outage", "warm-up"];
  const backend = { type: "openai-compatible", profile: "plain", models };
  const timeouts = { firstTokenMs: 2_000, idleMs: 2_000 };
  const command = await modelyardWith(
    {
      first: { ...backend, baseUrl: `${first.url}/v1`, timeouts, circuitBreaker: { cooldownMs } },
      second: { ...backend, baseUrl: `${second.url}/v1` },
    },
    { models: models.map((name) => ({ name, targets: [`first/${name}`, `second/${name}`] })) },
  );
  const server = await startServer(command);
  const ask: Ask = (model, stream) => call({ url: server.url, model, stream, whole: first.text });
  try {
    // A first call reads code and looks at both upstreams.
    await ask("warm-up", false);
    say("fifteen faults, streamed and not");
    const rows = await Promise.all(
      cataloguedFaults.map((each, index) => tryFault(each, index, ask)),
    );
    say("an outage, and recovery");
    outage.endsAt = Date.now() + outageMs;
    rows.splice(14, 0, await tryOutage(ask, outage.endsAt, first));
    const met = rows.filter((row) => row.met === true).length;
    const rescued = rows.filter(
      ({ ours = "", met: kept }) => kept === true && !ours.includes("error"),
    );
    return [
      ...rows,
      {
        what: "faults rescued, or told by one clear error",
        ours: `${met} of ${rows.length}, ${rescued.length} of them rescued, streamed and not`,
        bar: "16",
        met: met === 16,
      },
    ];
  } finally {
    await server.stop();
  }
};

function faultOf(model: string | undefined): CataloguedFault | undefined {
  return model === undefined ? undefined : cataloguedFaults[Number.parseInt(model, 10)];
}

async function tryFault(
  { name, mustFail }: CataloguedFault,
  index: number,
  ask: Ask,
): Promise<Row> {
  const seen = await Promise.all([ask(`${index}-streamed`, true), ask(`${index}-whole`, false)]);
  const [streamed, whole] = seen;
  const clear =
    streamed.ending === "error after text" ||
    (mustFail === true ? isRefusal(streamed) && isRefusal(whole) : streamed.ending === "whole");
  const wholeIsWell = mustFail === true || whole.ending === "whole";
  const accounted = seen.every(
    (each) =>
      each.ending !== "whole" || (each.counted && each.model?.startsWith(`${each.by}/`) === true),
  );
  return {
    what: `fault: ${name}`,
    ours: `streamed: ${describe(streamed)}; not: ${describe(whole)}`,
    bar: "rescued, or one clear error",
    met: clear && wholeIsWell && accounted && seen.every(({ tookMs }) => tookMs < longestMs),
  };
}

const isRefusal = ({ ending }: Seen) => ending === "error before text";

/** A target that is away for a while: its calls are served meanwhile, and it serves again afterwards. */
async function tryOutage(ask: Ask, endsAt: number, first: ChaosUpstream): Promise<Row> {
  const calls: Seen[] = [];
  let backAfterMs: number | undefined;
  while (backAfterMs === undefined && Date.now() < endsAt + longestMs) {
    const seen = await ask("outage", calls.length % 2 === 0);
    calls.push(seen);
    if (seen.by === "first") backAfterMs = Date.now() - endsAt;
    await sleep(100);
  }
  const lost = calls.filter(({ ending }) => ending !== "whole").length;
  const touched = first.requests.filter(
    ({ body }) => (body as { model?: string } | undefined)?.model === "outage",
  ).length;
  return {
    what: "fault: outage and recovery",
    ours: `${calls.length} calls, ${lost} lost, ${touched} asked the first; back after ${milliseconds(backAfterMs ?? longestMs)}`,
    bar: "none lost, back within its cool-down",
    met: lost === 0 && backAfterMs !== undefined && backAfterMs <= cooldownMs + 1_000,
  };
}

function describe({ ending, by = "", code, attempts, tookMs }: Seen): string {
  const who = ending === "whole" ? `whole from ${by}` : `${ending} (${code ?? "none"})`;
  return `${who}, ${attempts} tries, ${milliseconds(tookMs)}`;
}

interface Body {
  model?: string;
  choices?: {
    delta?: { content?: string | null };
    message?: { content: string };
    finish_reason?: string | null;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  error?: { code: string };
}

async function call(options: {
  url: string;
  model: string;
  stream: boolean;
  whole: string;
}): Promise<Seen> {
  const { url, model, stream, whole } = options;
  const startedAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model,
      stream,
      messages: [{ role: "user", content: "one two" }],
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    }),
    signal: AbortSignal.timeout(2 * longestMs),
  });
  const text = await response.text();
  const data =
    stream && response.ok ? [...text.matchAll(/^data: (.*)$/gm)].map(([, each]) => each!) : [text];
  const bodies = data.filter((each) => each !== "[DONE]").map((each) => JSON.parse(each) as Body);
  const choices = bodies.flatMap((each) => each.choices ?? []);
  const said = choices.map(({ delta, message }) => (delta ?? message)?.content ?? "").join("");
  const code = bodies.find(({ error }) => error !== undefined)?.error?.code;
  const isWhole = said === whole && choices.some((each) => each.finish_reason === "stop");
  return {
    ending:
      code !== undefined
        ? `error ${said === "" ? "before" : "after"} text`
        : isWhole
          ? "whole"
          : "cut, sold as whole",
    by: response.headers.get("x-modelyard-backend") ?? undefined,
    model: bodies[0]?.model,
    attempts: Number(response.headers.get("x-modelyard-attempts")),
    counted: bodies.some(({ usage }) => (usage?.completion_tokens ?? 0) > 0),
    code,
    tookMs: performance.now() - startedAt,
  };
}
