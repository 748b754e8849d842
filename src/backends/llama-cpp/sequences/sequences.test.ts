import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { batchRank } from "./batch-rank.ts";
import { createSequencePool } from "./sequences.ts";

const never = new AbortController().signal;
const tokens = (text: string) => [...text].map((letter) => letter.charCodeAt(0) as Token);

/** A pool whose sequences hold these texts, one token a letter. */
function poolOf(...held: string[]) {
  const sequences = held.map((text) => ({
    nextTokenIndex: text.length,
    compareContextTokens(wanted: Token[]) {
      const index = wanted.findIndex((token, at) => token !== text.charCodeAt(at));
      return { firstDifferentIndex: index < 0 ? wanted.length : index };
    },
  })) as unknown as LlamaContextSequence[];
  const left = [...sequences];
  const context = { totalSequences: held.length, getSequence: () => left.shift() };
  return { sequences, pool: createSequencePool(context as unknown as LlamaContext) };
}

describe("createSequencePool", () => {
  it("ranks its sequences in their order", () => {
    const { sequences } = poolOf("", "", "");
    expect(sequences.map(batchRank)).toEqual([1, 2, 3]);
  });

  it("gives the place that holds the most of a prompt", async () => {
    const { sequences, pool } = poolOf("", "hello", "help");
    expect((await pool.acquire(tokens("hello world"), never)).sequence).toBe(sequences[1]);
  });

  it("does not spend a long history on a short beginning in common", async () => {
    const { sequences, pool } = poolOf(`ab${"c".repeat(90)}`, "");
    const first = await pool.acquire(tokens("abx"), never);
    first.release();
    expect((await pool.acquire(tokens("abx"), never)).sequence).toBe(sequences[1]);
  });

  it("hands a place on to who has waited longest, and tells the others where they stand", async () => {
    const { pool } = poolOf("");
    const held = await pool.acquire(tokens("a"), never);
    const seen: string[] = [];
    const second = pool.acquire(tokens("b"), never, (position) => seen.push(`second ${position}`));
    const third = pool.acquire(tokens("c"), never, (position) => seen.push(`third ${position}`));
    held.release();
    held.release();
    (await second).release();
    await third;
    expect(seen).toEqual(["second 1", "third 2", "third 1"]);
  });

  it("forgets who gives up waiting", async () => {
    const { pool } = poolOf("");
    const held = await pool.acquire(tokens("a"), never);
    const controller = new AbortController();
    const waiting = pool.acquire(tokens("b"), controller.signal);
    controller.abort(new Error("Enough."));
    await expect(waiting).rejects.toThrow("Enough.");
    held.release();
    await expect(pool.acquire(tokens("c"), never)).resolves.toBeDefined();
  });
});
