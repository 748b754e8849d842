import { expect, it } from "vitest";
import { z } from "zod";
import { defineBackend, type Backend, type Model } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { createTestGateway, saying } from "./__fixtures__/test-gateway.ts";

/** A server on this device that hands some models on to a cloud; what was asked of it is written down. */
function createServer(models: () => Promise<Model[]>, more: Partial<Backend> = {}) {
  const story: string[] = [];
  const backend: Backend = {
    ...more,
    async listModels() {
      story.push("list");
      return models();
    },
    capabilities: {
      async *chat(request, context) {
        story.push(`chat ${context.model}`);
        yield* saying("hi")(request, context);
      },
    },
  };
  const definition = defineBackend({
    type: "server",
    builtIn: true,
    config: z.strictObject({}),
    upstream: () => ({ url: "http://127.0.0.1:9" }),
    create: () => backend,
  });
  return { definition, story };
}

const request = { messages: [{ role: "user", content: "a secret" }] };
const cloud: Model = { name: "big", privacy: "remote" };

it("a model that a near server hands on to a cloud is not asked within a narrow limit, though nothing is known of it yet", async () => {
  const { definition, story } = createServer(async () => [cloud, { name: "small" }]);
  await using gateway = closing(createTestGateway([definition]));
  const call = (model: string) => gateway.call("chat", request, { model, privacy: "network" });
  await expect(call("server/big")).rejects.toMatchObject({ code: "privacy-violation" });
  expect(story).toEqual(["list"]);
  expect(await call("server/small")).toMatchObject({ result: { text: "hi" } });
});

it("is looked for anew before a prompt leaves: another model may stand under its name", async () => {
  let models: Model[] = [{ name: "big" }];
  const { definition, story } = createServer(async () => models);
  await using gateway = closing(createTestGateway([definition]));
  const call = () => gateway.call("chat", request, { model: "server/big", privacy: "device" });
  await call();
  models = [cloud];
  const clock = performance.now.bind(performance);
  performance.now = () => clock() + 6_000;
  try {
    await expect(call()).rejects.toMatchObject({ code: "privacy-violation" });
  } finally {
    performance.now = clock;
  }
  expect(story.filter((each) => each.startsWith("chat"))).toEqual(["chat big"]);
});

it("gets no prompt where nobody can tell what it is", async () => {
  const down = new ModelyardError("backend-unavailable", "It is down.");
  const { definition, story } = createServer(() => Promise.reject(down));
  await using gateway = closing(createTestGateway([definition]));
  const asked = gateway.call("chat", request, { model: "server/big", privacy: "device" });
  await expect(asked).rejects.toMatchObject({ code: "backend-unavailable" });
  expect(story.filter((each) => each.startsWith("chat"))).toEqual([]);
});

it("is told by its name alone where a server that takes any name does not list it", async () => {
  const { definition, story } = createServer(async () => [], { takesAnyModel: () => true });
  await using gateway = closing(createTestGateway([definition]));
  const call = (model: string, privacy: "device" | "remote") =>
    gateway.call("chat", request, { model: `server/${model}`, privacy });
  for (const model of ["gpt-oss:120b-cloud", "foo-cloud", "x:cloud", "x:CLOUD"])
    await expect(call(model, "device")).rejects.toMatchObject({ code: "privacy-violation" });
  expect(story.filter((each) => each.startsWith("chat"))).toEqual([]);
  await call("cloudy", "device");
  await call("x:cloud", "remote");
  expect(story.filter((each) => each.startsWith("chat"))).toEqual(["chat cloudy", "chat x:cloud"]);
});

it("costs no list where a prompt may go anywhere", async () => {
  const { definition, story } = createServer(async () => [cloud]);
  await using gateway = closing(createTestGateway([definition]));
  const call = () => gateway.call("chat", request, { model: "server/big" });
  await call();
  const listed = story.filter((each) => each === "list").length;
  for (let again = 0; again < 5; again++) await call();
  expect(story.filter((each) => each === "list")).toHaveLength(listed);
});

it("is left out of lists that it is too far for, and an alias is as wide as it may get", async () => {
  const { definition } = createServer(async () => [cloud, { name: "small" }]);
  const targets = ["server/small", "server/big"];
  const models = [
    { name: "narrow", targets },
    { name: "wide", targets, allowWider: true },
  ];
  await using anywhere = closing(createTestGateway([definition], { models }));
  const privacyOf = async (gateway: typeof anywhere) =>
    Object.fromEntries((await gateway.models()).map(({ name, privacy }) => [name, privacy]));
  expect(await privacyOf(anywhere)).toEqual({
    narrow: "device",
    wide: "remote",
    "server/big": "remote",
    "server/small": "device",
  });
  await using here = closing(
    createTestGateway([definition], { models, privacy: { allow: "device" } }),
  );
  expect(await privacyOf(here)).toEqual({
    narrow: "device",
    wide: "device",
    "server/small": "device",
  });
});

function closing<Gateway extends { close(): Promise<void> }>(gateway: Gateway) {
  return { ...gateway, [Symbol.asyncDispose]: () => gateway.close() };
}
