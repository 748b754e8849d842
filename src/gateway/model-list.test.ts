import { expect, it } from "vitest";
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
