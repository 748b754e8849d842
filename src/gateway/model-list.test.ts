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
