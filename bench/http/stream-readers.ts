import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { textOf } from "./paced-text.ts";

/**
 * Many readers at once, in a process of their own. Each asks for a stream of its own and, once it has ended, holds it against what it
 * should have been.
 */
export interface ReadOrder {
  readonly url: string;
  readonly streams: number;
  /** Of each stream. */
  readonly events: number;
}

export interface ReadFigures {
  readonly seconds: number;
  /** Streams whose text is exactly theirs, each event once and in order, and that ended as they should. */
  readonly whole: number;
  /** Streams in which a word of another one stood. */
  readonly mixed: number;
}

interface Chunk {
  readonly choices?: readonly { delta?: { content?: string }; finish_reason?: string | null }[];
}

const agent = new Agent();

async function read({ url, events }: ReadOrder, name: string): Promise<"whole" | "lost" | "mixed"> {
  const { origin, pathname } = new URL(url);
  const { body } = await agent.request({
    origin,
    path: pathname,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "paced",
      messages: [{ role: "user", content: name }],
      max_tokens: events,
      stream: true,
    }),
  });
  const lines = (await body.text()).split("\n").filter((line) => line.startsWith("data: "));
  const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice("data: ".length)) as Chunk);
  const text = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? "").join("");
  const expected = Array.from({ length: events }, (_, index) => textOf(name, index)).join("");
  const ended =
    lines.at(-1) === "data: [DONE]" &&
    chunks.some(({ choices }) => choices?.[0]?.finish_reason === "stop");
  if (text === expected && ended) return "whole";
  const foreign = text.split(" ").some((word) => word !== "" && !word.startsWith(`${name}:`));
  return foreign ? "mixed" : "lost";
}

async function readAll(order: ReadOrder): Promise<ReadFigures> {
  const startedAt = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: order.streams }, async (_, index) => {
      // They begin spread over a second, so that their events do not all come at one moment.
      await sleep((index / order.streams) * 1000);
      return read(order, `stream${index}`);
    }),
  );
  return {
    seconds: (performance.now() - startedAt) / 1000,
    whole: outcomes.filter((outcome) => outcome === "whole").length,
    mixed: outcomes.filter((outcome) => outcome === "mixed").length,
  };
}

process.on("message", (order: ReadOrder) => {
  readAll(order).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ problem: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
