import { expect, it } from "vitest";
import type { Lookup } from "../contract/http/class-of-url.ts";
import { createBackendPrivacy } from "./backend-privacy.ts";

const placement = { sends: undefined, upstream: { url: "http://box.test" } };
const unresolved = (atLeast: string) => ({ unresolved: true, atLeast });

/** Lookups that are answered when the test says so, in its order. */
function privacyOf(declared?: "network", environment = {}) {
  const answers: ((address?: string) => void)[] = [];
  const lookup: Lookup = (_host, _options, answer) =>
    void answers.push((address) =>
      address === undefined
        ? answer(new Error("unknown"), [])
        : answer(null, [{ address, family: 4 }]),
    );
  const privacy = createBackendPrivacy({ placement, declared, environment, lookup });
  return { ...privacy, answers };
}

it("says what is certain while a name can't be resolved, and counts as anywhere", async () => {
  const { reach, widest, answers } = privacyOf();
  const asked = [reach(), widest()];
  for (const answer of answers) answer();
  expect(await Promise.all(asked)).toEqual([unresolved("device"), "remote"]);
});

it("reaches as far as is declared, whatever its name may be", async () => {
  const { reach, answers } = privacyOf("network");
  const asked = reach();
  answers[0]!();
  expect(await asked).toEqual(unresolved("network"));
});

it("reaches anywhere where a proxy resolves the name", async () => {
  const { reach, answers } = privacyOf(undefined, { http_proxy: "http://10.0.0.1:3128" });
  const asked = reach();
  answers[0]!();
  expect(await asked).toBe("remote");
});

it("keeps what one lookup found, though another one fails", async () => {
  const { reach, answers } = privacyOf();
  const [early, one, other] = [reach(), reach(), reach()];
  answers[0]!();
  expect(await early).toEqual(unresolved("device"));
  answers[1]!("10.0.0.7");
  answers[2]!();
  expect(await Promise.all([one, other])).toEqual(["network", "network"]);
  expect(reach()).toBe("network");
});
