import { expect, it } from "vitest";
import openaiCompatible from "../backends/openai-compatible/index.ts";
import { chat } from "../contract/capabilities/chat.ts";
import { silentLog } from "../contract/silent-log.ts";
import type { ConfigurationInput } from "./configuration.ts";
import { findPrivacyWarnings } from "./find-privacy-warnings.ts";
import { parseConfiguration } from "./parse-configuration.ts";
import { surveyPrivacy } from "./privacy-survey.ts";

const definitions = [openaiCompatible];

async function warningsOf(configuration: ConfigurationInput): Promise<string[]> {
  const survey = await surveyPrivacy({
    configuration: parseConfiguration(configuration, { definitions, capabilities: [chat] }),
    definitions,
    environment: {},
    log: silentLog,
    lookup: (_host, _options, answer) => answer(new Error("unknown"), []),
    ask: false,
  });
  return findPrivacyWarnings(survey);
}

function server(host: string, more: object = {}) {
  return { type: "openai-compatible", baseUrl: `http://${host}/v1`, ...more };
}

it("tells of a class that is narrower than an address, and of none that is wider or not known", async () => {
  expect(
    await warningsOf({
      backends: {
        far: server("203.0.113.7", { privacy: "device" }),
        near: server("127.0.0.1:9", { privacy: "network" }),
        lost: server("nowhere.test", { privacy: "device" }),
      },
    }),
  ).toEqual([
    "backends.far.privacy: device is passed over: its address reaches remote. A backend may be declared wider, never narrower.",
  ]);
});

it("tells of an alias that can go nowhere, and of none that may", async () => {
  expect(
    await warningsOf({
      backends: {
        far: server("203.0.113.7"),
        near: server("127.0.0.1:9"),
        lost: server("nowhere.test"),
      },
      models: [
        { name: "nowhere", targets: ["far/a", "far/b"], privacy: "device" },
        { name: "half", targets: ["far/a", "near/b"], privacy: "device" },
        { name: "perhaps", targets: ["lost/a"], privacy: "device" },
        { name: "anywhere", targets: ["far/a"] },
      ],
    }),
  ).toEqual([
    "The model \"nowhere\" can go nowhere. far/a (remote): the alias's own privacy is device; far/b (remote): the alias's own privacy is device.",
  ]);
});
