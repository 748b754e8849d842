import { describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createFakeBackend, createFakeCall, yielding } from "./__fixtures__/fake-call.ts";
import type { Candidate } from "./call.ts";
import { orderCandidates, type Strategy } from "./order-candidates.ts";

function candidate(name: string, weight?: number): Candidate {
  const circuitBreaker = { failures: 1, cooldownMs: 50, now: () => clock };
  const backend = createFakeBackend(yielding(), { name, maxConcurrent: 4, circuitBreaker });
  return { target: { backend: name, model: "m" }, backend, weight };
}

let clock = 0;

function names(candidates: readonly Candidate[]): string {
  return candidates.map(({ target }) => target.backend).join("");
}

/** How often each comes first. */
function shares(candidates: readonly Candidate[], strategy: Strategy): Record<string, number> {
  const first: Record<string, number> = {};
  // A sequence that is spread evenly: no luck in it.
  let point = 0;
  const random = () => (point = (point + 0.618_033_988_75) % 1);
  for (let round = 0; round < 3_000; round++) {
    const [name] = names(orderCandidates(candidates, strategy, random));
    first[name!] = (first[name!] ?? 0) + 1;
  }
  return first;
}

describe("orderCandidates", () => {
  it("leaves the order alone, unless it is to balance", () => {
    const candidates = [candidate("a", 1), candidate("b", 9)];
    expect(orderCandidates(candidates, "ordered")).toBe(candidates);
  });

  it("gives each its share by weight, and the others as fallback", () => {
    const candidates = [candidate("a", 3), candidate("b", 1)];
    const { a = 0, b = 0 } = shares(candidates, "weighted");
    expect(a / b).toBeCloseTo(3, 0);
    expect(names(orderCandidates(candidates, "weighted", () => 0.99))).toBe("ba");
  });

  it("prefers the quicker of two, failures counted in, and one that nobody knows", () => {
    const [slow, quick, failing] = [candidate("s"), candidate("q"), candidate("f")];
    slow.backend.records.succeeded("m", 500);
    quick.backend.records.succeeded("m", 50);
    failing.backend.records.failed("m", "It broke.");
    expect(shares([slow, quick], "fastest")).toEqual({ q: 3_000 });
    expect(shares([failing, slow], "fastest")).toEqual({ s: 3_000 });
    expect(shares([candidate("n"), quick], "fastest")).toEqual({ n: 3_000 });
  });

  it("prefers the less busy of two", async () => {
    const [busy, idle] = [candidate("b"), candidate("i")];
    await busy.backend.places.enter(createFakeCall(busy.backend));
    expect(shares([busy, idle], "least-busy")).toEqual({ i: 3_000 });
  });

  it("puts a target that is left alone last, and back in its turn when its cool-down is over", () => {
    const [broken, well] = [candidate("b", 9), candidate("w", 1)];
    const admission = broken.backend.circuits.of("m").admit(true);
    if ("reason" in admission) throw new Error(admission.reason);
    admission.failed(new ModelyardError("backend-error", "It broke."));
    expect(shares([broken, well], "weighted")).toEqual({ w: 3_000 });
    clock = 50;
    expect(shares([broken, well], "weighted")["b"]).toBeGreaterThan(2_000);
  });
});
