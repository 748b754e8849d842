import { describe, expect, it } from "vitest";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { createFakeBackend, createFakeCall, never, yielding } from "./__fixtures__/fake-call.ts";
import type { Call, Candidate, Reach, Reply } from "./call.ts";
import { privacy } from "./privacy.ts";

function candidate(name: string, reach: Reach | Promise<Reach>): Candidate {
  const backend = createFakeBackend(yielding(), { name, privacyOf: () => reach });
  return { target: { backend: name, model: "m" }, backend };
}

/** What is left of a call behind the middleware. */
async function pass(candidates: Candidate[], limit: PrivacyClass, allowWider = false) {
  const routing = { strategy: "ordered", allowWider, fallbackOn: [] } as const;
  const { backend, target } = candidates[0]!;
  const call = createFakeCall(backend, { candidates, target, routing, privacy: limit });
  let passed: Call | undefined;
  await privacy(call, async (next) => {
    passed = next;
    return { target: next.target, onEnd() {} } satisfies Reply;
  });
  return { passed: passed!, call };
}

const here = () => candidate("here", "device");
const house = () => candidate("house", Promise.resolve("network" as const));
const cloud = () => candidate("cloud", "remote");
/** Its name can't be resolved. */
const lost = (atLeast: PrivacyClass) => candidate("lost", { unresolved: true, atLeast });
const namesOf = ({ candidates }: Call) => candidates.map(({ target }) => target.backend);

describe("privacy", () => {
  it.each<[string, Candidate[], PrivacyClass, boolean, string[]]>([
    ["what the call allows", [cloud(), house(), here()], "network", true, ["house", "here"]],
    [
      "what reaches no further than the first",
      [house(), cloud(), here()],
      "remote",
      false,
      ["house", "here"],
    ],
    ["everything where the alias allows it", [here(), cloud()], "remote", true, ["here", "cloud"]],
    ["a single target that may be used", [cloud()], "remote", false, ["cloud"]],
    [
      "what is near for certain where the first can't be resolved",
      [lost("device"), cloud(), house(), here()],
      "remote",
      false,
      ["here"],
    ],
    [
      "what reaches no further than an unresolved first at least does",
      [lost("network"), cloud(), house()],
      "remote",
      false,
      ["house"],
    ],
    [
      "an unresolved one where anything goes",
      [cloud(), lost("device")],
      "remote",
      false,
      ["cloud", "lost"],
    ],
    ["none unresolved within a limit", [lost("device"), house()], "network", true, ["house"]],
    ["what is left where the first is too far", [cloud(), here()], "device", false, ["here"]],
  ])("leaves %s", async (_, candidates, limit, allowWider, left) => {
    const { passed } = await pass(candidates, limit, allowWider);
    expect(namesOf(passed)).toEqual(left);
    expect(passed.target.backend).toBe(left[0]);
    expect(passed.backend.name).toBe(left[0]);
  });

  it("holds what follows to the same limit, and writes down who was left out", async () => {
    const { passed, call } = await pass([house(), cloud()], "remote");
    expect(passed.privacy).toBe("network");
    expect(call.story.steps).toMatchObject([
      { did: "skipped", target: "cloud/m", reason: "reaches remote, beyond network" },
    ]);
  });

  it("is an error that names each and its reach where none is left", async () => {
    await expect(pass([cloud(), house()], "device")).rejects.toMatchObject({
      code: "privacy-violation",
      message: expect.stringContaining("cloud/m (remote), house/m (network)"),
    });
  });

  it("says whose name can't be resolved where that leaves none", async () => {
    await expect(pass([lost("device"), cloud()], "network")).rejects.toMatchObject({
      code: "privacy-violation",
      message: expect.stringContaining("lost/m (its name can't be resolved), cloud/m (remote)"),
    });
  });

  it("tries a first one that can't be resolved as far as the call allows, where no other may take its place", async () => {
    const { passed, call } = await pass([lost("device"), house(), cloud()], "remote");
    expect(namesOf(passed)).toEqual(["lost"]);
    expect(passed.privacy).toBe("remote");
    expect(call.story.steps).toMatchObject([
      { target: "house/m", reason: "reaches network, beyond device" },
      { target: "cloud/m", reason: "reaches remote, beyond device" },
    ]);
  });

  it("waits for no name that does not resolve once the call is given up", async () => {
    const call = createFakeCall(candidate("slow", never()).backend, { privacy: "device" });
    const answer = privacy(call, async () => expect.unreachable());
    call.controller.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
  });
});
