import { expect, it } from "vitest";
import { z } from "zod";
import openaiCompatible from "../backends/openai-compatible/index.ts";
import { chat } from "../contract/capabilities/chat.ts";
import { defineBackend } from "../contract/backend.ts";
import { silentLog } from "../contract/silent-log.ts";
import type { ConfigurationInput } from "./configuration.ts";
import { parseConfiguration } from "./parse-configuration.ts";
import { surveyPrivacy } from "./privacy-survey.ts";
import { saying } from "./__fixtures__/test-gateway.ts";

const asked: string[] = [];

/** One that hands a model on to a cloud; who asks it for its list is written down. */
const local = defineBackend({
  type: "local",
  config: z.strictObject({ url: z.string().default("http://127.0.0.1:9") }),
  upstream: ({ url }) => ({ url }),
  create: ({ name }) => ({
    capabilities: { chat: saying("hi") },
    async listModels() {
      asked.push(name);
      return [{ name: "small" }, { name: "big", privacy: "remote" }];
    },
  }),
});
const plugin = defineBackend({
  type: "plugin",
  sends: "by-itself",
  config: z.strictObject({}),
  create: () => ({ capabilities: { chat: saying("hi") } }),
});
const definitions = [openaiCompatible, local, plugin];

function survey(
  configuration: ConfigurationInput,
  environment: Record<string, string> = { HTTP_PROXY: "http://10.0.0.1:3128" },
) {
  return surveyPrivacy({
    configuration: parseConfiguration(configuration, { definitions, capabilities: [chat] }),
    definitions,
    environment,
    log: silentLog,
    lookup: (host, _options, answer) =>
      host === "both.test"
        ? answer(null, [
            { address: "10.0.0.7", family: 4 },
            { address: "192.0.2.7", family: 4 },
          ])
        : answer(new Error("unknown"), []),
  });
}

it("tells of each backend how far it reaches, why, where to, and what excludes it", async () => {
  const { allow, backends } = await survey({
    privacy: { allow: "network" },
    backends: {
      near: { type: "local" },
      away: { type: "local", url: "http://both.test:81" },
      lost: { type: "local", url: "http://nowhere.test" },
      wider: { type: "local", privacy: "network" },
      own: { type: "plugin" },
      sworn: { type: "plugin", privacy: "device" },
    },
  });
  expect(allow).toBe("network");
  const proxy = "10.0.0.1:3128";
  const excluded = "privacy.allow is network";
  const type = "local";
  const host = "127.0.0.1:9";
  const addresses = ["127.0.0.1"];
  expect(backends).toEqual([
    { name: "near", type, privacy: "device", because: "address", host, addresses },
    {
      name: "away",
      type,
      privacy: "remote",
      because: "address",
      host: "both.test:81",
      addresses: ["10.0.0.7", "192.0.2.7"],
      proxy,
      excluded,
    },
    {
      name: "lost",
      type,
      privacy: "remote",
      because: "unknown-address",
      host: "nowhere.test",
      proxy,
      excluded,
    },
    { name: "wider", type, privacy: "network", because: "declared", host, addresses },
    { name: "own", type: "plugin", privacy: "remote", because: "sends-by-itself", excluded },
    { name: "sworn", type: "plugin", privacy: "device", because: "declared" },
  ]);
});

it("tells of each alias where a prompt can go, and asks nobody who lies beyond the limit", async () => {
  asked.length = 0;
  const targets = ["near/small", "near/big", "away/small"];
  const { aliases } = await survey({
    privacy: { allow: "device" },
    backends: { near: { type: "local" }, away: { type: "local", url: "http://10.0.0.9" } },
    models: [{ name: "assistant", targets, allowWider: true }],
  });
  expect(aliases).toEqual([
    {
      name: "assistant",
      privacy: "device",
      allowWider: true,
      targets: [
        { model: "near/small", privacy: "device", host: "127.0.0.1:9" },
        {
          model: "near/big",
          privacy: "remote",
          host: "127.0.0.1:9",
          excluded: "privacy.allow is device",
        },
        {
          model: "away/small",
          privacy: "network",
          host: "10.0.0.9",
          excluded: "privacy.allow is device",
        },
      ],
    },
  ]);
  expect(asked).toEqual(["near"]);
});

it("says where an alias's first target, or its own limit, keeps prompts back", async () => {
  const targets = ["near/small", "near/big"];
  const { aliases } = await survey({
    backends: { near: { type: "local" } },
    models: [
      { name: "first", targets },
      { name: "own", targets, allowWider: true, privacy: "network" },
      { name: "wide", targets, allowWider: true },
      { name: "nowhere", targets: ["near/big"], privacy: "device" },
    ],
  });
  expect(aliases.map(({ name, privacy }) => [name, privacy])).toEqual([
    ["first", "device"],
    ["own", "device"],
    ["wide", "remote"],
    ["nowhere", undefined],
  ]);
  expect(
    aliases.flatMap((alias) => alias.targets.flatMap(({ excluded }) => excluded ?? [])),
  ).toEqual([
    "its first target reaches device, and allowWider is off",
    "the alias's own privacy is network",
    "the alias's own privacy is device",
  ]);
});

it("holds an alias's others to what is certain of its first target, whose name can't be resolved", async () => {
  const configuration = {
    backends: {
      lost: { type: "local", url: "http://nowhere.test" },
      near: { type: "local" },
      away: { type: "local", url: "http://10.0.0.9" },
    },
    models: [{ name: "assistant", targets: ["lost/small", "near/small", "away/small"] }],
  };
  const { aliases } = await survey(configuration, {});
  const excluded = "its first target's name can't be resolved, and allowWider is off";
  expect(aliases).toMatchObject([
    { privacy: "device", targets: [{ excluded }, { model: "near/small" }, { excluded }] },
  ]);
  expect((await survey(configuration)).aliases).toMatchObject([{ privacy: "remote" }]);
});
