import { expect, it, vi } from "vitest";
import { ModelyardError } from "../contract/errors.ts";
import { createModelList } from "./model-list.ts";

const listModels = async () => [{ name: "tiny", aliases: ["default"] }];

it("finds what is listed, and passes other names on only where the backend takes them", async () => {
  const strict = createModelList("server", { capabilities: {}, listModels });
  const open = createModelList("service", {
    capabilities: {},
    listModels,
    takesAnyModel: () => true,
  });
  for (const list of [strict, open]) {
    expect(await list.find("tiny")).toMatchObject({ name: "tiny" });
    expect(await list.find("default")).toMatchObject({ name: "tiny" });
  }
  await expect(strict.find("tyni")).rejects.toMatchObject({
    code: "model-not-found",
    message: expect.stringContaining('Did you mean "tiny"'),
  });
  expect(await open.find("tyni")).toBeUndefined();
});

it("says of a backend that says nothing that its time is up, and tells the backend so", async () => {
  vi.useFakeTimers();
  let heard: unknown;
  const list = createModelList("server", {
    capabilities: {},
    listModels(signal) {
      signal.addEventListener("abort", () => (heard = signal.reason));
      return new Promise(() => {});
    },
  });
  const told = list.all().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await told).toMatchObject({
    code: "timeout",
    message: "server did not list its models within 10 s.",
    remedy: expect.stringContaining("address"),
    backend: "server",
  });
  expect(heard).toBeInstanceOf(ModelyardError);
  vi.useRealTimers();
});

it("keeps nobody waiting again for one that has hung, and asks it meanwhile", async () => {
  vi.useFakeTimers();
  const questions: PromiseWithResolvers<{ name: string }[]>[] = [];
  const list = createModelList("server", {
    capabilities: {},
    listModels() {
      const question = Promise.withResolvers<{ name: string }[]>();
      questions.push(question);
      return question.promise;
    },
  });
  const told = list.all().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  const timeout = await told;
  for (let time = 0; time < 3; time += 1) await expect(list.all()).rejects.toBe(timeout);
  await expect(list.find("tiny")).rejects.toBe(timeout);
  expect(questions).toHaveLength(2);
  questions[1]?.resolve([{ name: "tiny" }]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await list.all()).toEqual([{ name: "tiny" }]);
  expect(await list.find("tiny")).toEqual({ name: "tiny" });
  expect(questions).toHaveLength(2);
  vi.useRealTimers();
});

async function* pull() {}

function problem(models: { name: string }[]): Promise<unknown> {
  return createModelList("server", { capabilities: {}, listModels: async () => models, pull })
    .find("model-x")
    .catch((error: unknown) => error);
}

it("names all models of a backend that has few, the nearest of one that has many, and how to fetch one", async () => {
  const many = Array.from({ length: 9 }, (_, at) => ({ name: `model-${at}` }));
  const remedy = expect.stringMatching(/`modelyard pull server\/model-x`.*"autoPull": true/);
  expect(await problem([{ name: "one" }, { name: "two" }])).toMatchObject({
    message: 'server has no model "model-x". It has "one", "two".',
    remedy,
  });
  expect(await problem([])).toMatchObject({ message: expect.stringContaining("It has none.") });
  expect(await problem(many)).toMatchObject({
    message: expect.stringMatching(/Did you mean "model-\d".*\?$/),
    remedy,
  });
});
