import type { BatchItem, CustomBatchingPrioritizationStrategy, Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { createBatchGate, type BatchGate } from "./batch-gate.ts";

function item(length: number, evaluationPriority: BatchItem["evaluationPriority"]): BatchItem {
  return { tokens: Array.from({ length }, () => 1 as Token), logits: [], evaluationPriority };
}

/** What the library does when a batch is about to be computed. */
function batch(gate: BatchGate, items: BatchItem[], size = 512) {
  const strategy = gate.batching.itemPrioritizationStrategy as CustomBatchingPrioritizationStrategy;
  return strategy({ items, size }).map(({ item: { evaluationPriority }, processAmount }) => [
    evaluationPriority,
    processAmount,
  ]);
}

describe("batching", () => {
  it("lays the items in the order of their sequences", () => {
    const items = ([3, 1, 4, 2] as const).map((rank) => item(1, rank));
    expect(batch(createBatchGate(), items)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it("gives a token of an answer its place beside prompts that fill the rest", () => {
    expect(batch(createBatchGate(), [item(400, 1), item(1, 2), item(400, 3)], 101)).toEqual([
      [1, 50],
      [2, 1],
      [3, 50],
    ]);
  });

  it("asks for no more than there is", () => {
    expect(batch(createBatchGate(), [item(7, 1)])).toEqual([[1, 7]]);
  });
});

describe("arrived", () => {
  it("holds nobody up who computes alone", () => {
    const gate = createBatchGate();
    expect(gate.arrived()).toBeUndefined();
    batch(gate, [item(1, 1)]);
    expect(gate.arrived()).toBeUndefined();
  });

  it("lets those go on together who were computed together", async () => {
    const gate = createBatchGate();
    batch(gate, [item(1, 1), item(1, 2), item(1, 3)]);
    const gone: number[] = [];
    const turns = [0, 1].map((index) => gate.arrived()?.then(() => gone.push(index)));
    await new Promise(setImmediate);
    expect(gone).toEqual([]);
    await Promise.all([...turns, gate.arrived()]);
    expect(gone).toEqual([0, 1]);
    expect(gate.arrived()).toBeUndefined();
  });

  it("does not wait for ever for one that never says so", async () => {
    const gate = createBatchGate();
    batch(gate, [item(1, 1), item(1, 2)]);
    await expect(gate.arrived()).resolves.toBeUndefined();
  });
});
