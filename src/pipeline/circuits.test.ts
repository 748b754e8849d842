import { beforeEach, describe, expect, it } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createCircuits, type Admission, type Circuit, type CircuitState } from "./circuits.ts";

const broken = new ModelyardError("backend-error", "It broke.");
const busy = new ModelyardError("rate-limited", "Slower.");

let now = 0;
let chance = 0;
let states: string[] = [];

beforeEach(() => {
  now = 0;
  chance = 0;
  states = [];
});

function createOne({ failures = 3, failureRate = 1, cooldownMs = 1_000 } = {}): Circuit {
  return createCircuits({
    failures,
    failureRate,
    cooldownMs,
    onChange: (model: string, state: CircuitState) => states.push(`${model} ${state}`),
    now: () => now,
    random: () => chance,
  }).of("tiny");
}

function enter(circuit: Circuit, hasOthers = false): Admission {
  const admission = circuit.admit(hasOthers);
  if ("reason" in admission) throw new Error(admission.reason);
  return admission;
}

function fail(circuit: Circuit, times: number): void {
  for (let time = 0; time < times; time++) enter(circuit).failed(broken);
}

describe("a closed circuit", () => {
  it("opens after so many failures in a row, and says why and for how long", () => {
    const circuit = createOne();
    fail(circuit, 2);
    expect(circuit.state).toBe("closed");
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
    expect(circuit.refuses).toBe(true);
    now = 400;
    expect(circuit.admit(false)).toEqual({
      reason: "is left alone after failures",
      retryAfterMs: 600,
      cause: broken,
      spared: false,
    });
  });

  it("begins to count anew after a success, and passes over what says nothing", () => {
    const circuit = createOne();
    fail(circuit, 2);
    enter(circuit).succeeded();
    fail(circuit, 2);
    enter(circuit).forgotten();
    expect(circuit.state).toBe("closed");
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
  });

  it("opens at a rate of failures, of ten calls at least", () => {
    const circuit = createOne({ failures: 100, failureRate: 0.5 });
    for (let round = 0; round < 4; round++) {
      fail(circuit, 1);
      enter(circuit).succeeded();
    }
    expect(circuit.state).toBe("closed");
    fail(circuit, 2);
    expect(circuit.state).toBe("open");
  });

  it("forgets failures that lie more than twenty calls back", () => {
    const circuit = createOne({ failures: 100, failureRate: 0.5 });
    for (let call = 0; call < 12; call++) enter(circuit).succeeded();
    fail(circuit, 8);
    for (let call = 0; call < 20; call++) enter(circuit).succeeded();
    fail(circuit, 9);
    expect(circuit.state).toBe("closed");
    fail(circuit, 1);
    expect(circuit.state).toBe("open");
  });
});

function createTried() {
  const circuit = createOne();
  const early = enter(circuit);
  fail(circuit, 3);
  now = 1_000;
  return { circuit, early };
}

describe("a circuit whose cool-down is over", () => {
  it("may be tried, and lets one call in", () => {
    const { circuit } = createTried();
    expect(circuit.refuses).toBe(false);
    enter(circuit);
    expect(circuit.state).toBe("half-open");
    expect(circuit.refuses).toBe(true);
    expect(circuit.admit(false)).toMatchObject({ reason: expect.stringContaining("being tried") });
  });

  it.each(["begun", "succeeded"] as const)("comes back once that call has %s", (what) => {
    const { circuit } = createTried();
    enter(circuit)[what]();
    expect(circuit.state).toBe("recovering");
    now = 2_000;
    // What is read of it is right before a call makes it so.
    expect(circuit.state).toBe("closed");
    enter(circuit);
    expect(states).toEqual(["tiny open", "tiny half-open", "tiny recovering", "tiny closed"]);
  });

  it("is tried by another one where that call waits longer than a cool-down; whichever begins first closes it", () => {
    const { circuit } = createTried();
    const waiting = enter(circuit);
    now = 1_999;
    expect(circuit.refuses).toBe(true);
    now = 2_000;
    expect(circuit.refuses).toBe(false);
    const next = enter(circuit);
    expect(circuit.refuses).toBe(true);
    waiting.forgotten();
    expect(circuit.refuses).toBe(true);
    waiting.begun();
    expect(circuit.state).toBe("recovering");
    next.failed(broken);
    expect(circuit.state).toBe("recovering");
  });

  it("stays open for another cool-down where that call fails", () => {
    const { circuit } = createTried();
    enter(circuit).failed(broken);
    expect(circuit.state).toBe("open");
    now = 1_999;
    expect(circuit.refuses).toBe(true);
    now = 2_000;
    expect(circuit.refuses).toBe(false);
  });

  it("lets the next one try where that call says nothing of the target", () => {
    const { circuit } = createTried();
    enter(circuit).forgotten();
    enter(circuit);
    expect(circuit.state).toBe("half-open");
  });

  it("believes no call that was sent before it opened", () => {
    const { circuit, early } = createTried();
    const trial = enter(circuit);
    early.begun();
    early.forgotten();
    early.succeeded();
    early.failed(broken);
    expect(circuit.state).toBe("half-open");
    expect(circuit.refuses).toBe(true);
    trial.begun();
    expect(circuit.state).toBe("recovering");
    trial.failed(broken);
    expect(circuit.state).toBe("recovering");
  });

  it("is over at once when its backend is well again", () => {
    const circuit = createOne();
    fail(circuit, 3);
    circuit.recover();
    enter(circuit).begun();
    expect(circuit.state).toBe("recovering");
  });
});

function createRecovering(): Circuit {
  const circuit = createOne();
  fail(circuit, 3);
  now = 1_000;
  enter(circuit).succeeded();
  return circuit;
}

describe("a target that has just come back", () => {
  it("is spared at first, and bears more and more, where there are others", () => {
    const circuit = createRecovering();
    const shareAt = (ms: number) => {
      now = 1_000 + ms;
      let taken = 0;
      for (let each = 0; each < 100; each++) {
        chance = each / 100;
        if (!("reason" in circuit.admit(true))) taken++;
      }
      return taken;
    };
    const shares = [0, 500, 900].map(shareAt);
    expect(shares[0]).toBeCloseTo(10, -1);
    expect(shares[1]).toBeCloseTo(55, -1);
    expect(shares[2]).toBeCloseTo(91, -1);
    expect(shareAt(1_000)).toBe(100);
  });

  it("takes everybody who has nowhere else to go", () => {
    chance = 0.99;
    const circuit = createRecovering();
    expect(circuit.admit(true)).toMatchObject({ spared: true });
    enter(circuit, false);
  });
});

describe("a target that asks to be left alone", () => {
  it("is, and tried again then, though a timer fires a little early", () => {
    const circuit = createOne();
    enter(circuit).pause(busy, 500);
    now = 400;
    expect(circuit.admit(false)).toMatchObject({ retryAfterMs: 100, cause: busy });
    expect(circuit.state).toBe("closed");
    now = 496;
    enter(circuit);
  });

  it("is for a cool-down at most, and for the longest of what it says at once", () => {
    const circuit = createOne();
    const [one, other] = [enter(circuit), enter(circuit)];
    one.pause(busy, 3_600_000);
    other.pause(busy, 10);
    now = 900;
    expect(circuit.refuses).toBe(true);
    now = 1_000;
    expect(circuit.refuses).toBe(false);
  });

  it("lets the next one try a half-open circuit when the pause is over", () => {
    const circuit = createOne();
    fail(circuit, 3);
    now = 1_000;
    enter(circuit).pause(busy, 500);
    now = 1_500;
    enter(circuit).begun();
    expect(circuit.state).toBe("recovering");
  });
});

it("keeps a bounded number of circuits, closed ones going first", () => {
  const circuits = createCircuits({ failures: 1, failureRate: 1, cooldownMs: 1_000 });
  enter(circuits.of("broken")).failed(broken);
  for (let each = 0; each < 1_500; each++) circuits.of(String(each));
  expect(circuits.of("broken").state).toBe("open");
  expect(circuits.all.size).toBeLessThan(1_001);
  for (let each = 0; each < 1_500; each++) enter(circuits.of(`bad ${each}`)).failed(broken);
  expect(circuits.all.size).toBeLessThan(1_001);
});
