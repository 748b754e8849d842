import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { deferredGateway } from "../../src/app/open-gateway.ts";
import { folderWith } from "../cli/run-modelyard.ts";

const folder = folderWith({ plugins: ["./acme.ts"], backends: { acme: {} } });
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Says its word, then waits until a file is there, then says whose process this was. */
const acme = `import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineBackend, z } from "modelyard/backend";
import { word } from "./word.ts";
export default defineBackend({
  type: "acme",
  config: z.strictObject({}),
  sends: "nothing",
  create: () => ({
    capabilities: {
      async *chat({ messages }) {
        yield { type: "text-delta", text: word };
        const text = messages[0].content[0].text;
        while (text === "wait" && !fs.existsSync(new URL("./go", import.meta.url))) await sleep(20);
        yield { type: "text-delta", text: \` \${process.pid}\` };
        yield { type: "finish", reason: "stop", usage: {} };
      },
    },
  }),
});`;

const isSyntax = (line: string) => line.endsWith("Mend the syntax there.");

function write(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, name), text);
}

it("a plugin that is saved is taken up; calls under way end on the old; what is broken or gone leaves the former running", async () => {
  write("acme.ts", acme);
  write("word.ts", 'export const word: string = "one";');
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const log = { debug() {}, info: note, warn: note, error: note };
  const config = path.join(folder, "modelyard.json");
  const gateway = deferredGateway({ config, log, follow: true, watch: true });
  const ask = async (prompt = "hello") => {
    const { result } = await gateway.call("chat", { prompt }, { model: "acme/any" });
    return (result as { text: string }).text;
  };
  const saw = (text: string) =>
    vi.waitFor(() => expect(lines.join("\n")).toContain(text), { timeout: 15_000 });

  const stream = await gateway.stream("chat", { prompt: "wait" }, { model: "acme/any" });
  const events = stream.events[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ text: "one" });
  const [, firstPid] = (await ask()).split(" ");
  expect(Number(firstPid)).not.toBe(process.pid);

  write("word.ts", 'export const word: string = "two";');
  await saw("The plugin ./acme.ts has changed");
  const [word, pid] = (await ask()).split(" ");
  expect(word).toBe("two");
  expect(pid).not.toBe(firstPid);

  write("acme.ts", `${acme}\nconst broken = ;`);
  await saw("The plugin ./acme.ts can't be taken as it is now, so the former version goes on.");
  expect(lines.at(-1)).toMatch(/acme\.ts:\d+\)\. Mend the syntax there\.$/);
  expect(await ask()).toBe(`two ${pid}`);

  write("acme.ts", acme.replace('"acme"', '"other"'));
  await saw('goes on. It brings no backend of type "acme" any more.');
  expect(await ask()).toBe(`two ${pid}`);

  write("acme.ts", acme.replace("strictObject({})", "strictObject({ key: z.string() })"));
  await saw("acme.ts has changed, and what is configured does not fit it any more.");
  write("acme.ts", "const broken = ;");
  await vi.waitFor(() => expect(lines.filter(isSyntax)).toHaveLength(2), { timeout: 15_000 });
  expect(await ask()).toBe(`two ${pid}`);

  fs.rmSync(path.join(folder, "acme.ts"));
  await saw("the former version goes on. There is no file");
  expect(await ask()).toBe(`two ${pid}`);
  write("word.ts", 'export const word: string = "three";');
  write("acme.ts", acme);
  await vi.waitFor(async () => expect(await ask()).toMatch(/^three /), { timeout: 15_000 });

  write("go", "");
  expect((await events.next()).value).toMatchObject({ text: ` ${firstPid}` });
  expect((await events.next()).value).toMatchObject({ type: "finish" });
  await gateway.close();
});
