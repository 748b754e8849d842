import { expect, it, vi } from "vitest";
import { createTestGateway } from "./__fixtures__/test-gateway.ts";

const embedding = async () => ({ embeddings: [[1]], usage: {} });

/** Backends that list what they are told to, and count how often they are asked. */
function listers(lists: Record<string, () => string[]>) {
  const asked = vi.fn<(name: string) => void>();
  const backends = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [
      name,
      {
        capabilities: { embedding },
        async listModels() {
          asked(name);
          return list().map((each) => ({ name: each }));
        },
        async unload() {},
        async remove() {},
      },
    ]),
  );
  return { asked, backends };
}

it("asks all once for a bare name, and nobody for the next, until a list grows old", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { asked, backends } = listers({ one: () => ["a"], other: () => ["b"] });
  const gateway = createTestGateway(backends);
  const ask = (model: string) => gateway.call("embedding", { input: "text" }, { model });
  const names = ["a", "b", "a", "b"];
  for (const name of names) expect((await ask(name)).target).toMatchObject({ model: name });
  expect(asked).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(6_000);
  await ask("a");
  expect(asked).toHaveBeenCalledTimes(4);
  await gateway.close();
  vi.useRealTimers();
});

it("hears at once of what comes to a list, and of backends that come and go", async () => {
  const names = { one: ["a"], other: ["b"] };
  const { backends } = listers({ one: () => names.one, other: () => names.other });
  const gateway = createTestGateway(backends);
  const ask = (model: string) => gateway.call("embedding", { input: "text" }, { model });
  await ask("a");
  names.other = ["b", "a"];
  await gateway.remove("other/b");
  await expect(ask("a")).rejects.toThrow('"a" could be one/a or other/a');
  await gateway.configure({ backends: { one: { type: "one", enabled: false } } });
  expect((await ask("a")).target).toMatchObject({ backend: "other" });
  await expect(ask("c")).rejects.toThrow('There is no model "c"');
  await gateway.close();
});
