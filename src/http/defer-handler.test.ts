import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { deferHandler } from "./defer-handler.ts";

const request = {} as IncomingMessage;

function createResponse(destroyed = false) {
  const response = { destroyed, destroy: () => void (response.destroyed = true) };
  return response as unknown as ServerResponse;
}

function createOpener() {
  const seen: string[] = [];
  const handler = {
    handle: () => void seen.push("handled"),
    close: async () => void seen.push("closed"),
  };
  const open = async () => {
    seen.push("opened");
    return handler;
  };
  return { seen, open };
}

const errors: string[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (line: string) => void errors.push(line) };

it("is opened by its first request, once", async () => {
  const { seen, open } = createOpener();
  const handler = deferHandler(open, log);
  await turn();
  expect(seen).toEqual([]);
  handler.handle(request, createResponse(), undefined);
  handler.handle(request, createResponse(), undefined);
  await turn();
  expect(seen).toEqual(["opened", "handled", "handled"]);
  await handler.close({ drainMs: 0 });
  expect(seen.at(-1)).toBe("closed");
});

it("is not opened to be closed", async () => {
  const { seen, open } = createOpener();
  await deferHandler(open, log).close({ drainMs: 0 });
  expect(seen).toEqual([]);
});

it("closes what is asked after the close before it is asked: it says so itself", async () => {
  const { seen, open } = createOpener();
  const handler = deferHandler(open, log);
  await handler.close({ drainMs: 0 });
  handler.handle(request, createResponse(), undefined);
  await turn();
  expect(seen).toEqual(["opened", "closed", "handled"]);
});

it("leaves a client alone that went away meanwhile", async () => {
  const { seen, open } = createOpener();
  deferHandler(open, log).handle(request, createResponse(true), undefined);
  await turn();
  expect(seen).toEqual(["opened"]);
});

it("tells why it could not be opened, and tries again", async () => {
  const { seen, open } = createOpener();
  let broken = true;
  const handler = deferHandler(async () => {
    if (broken) throw new Error("No such file.");
    return open();
  }, log);
  const response = createResponse();
  handler.handle(request, response, undefined);
  await turn();
  expect(errors.join()).toContain("No such file.");
  expect(response.destroyed).toBe(true);
  broken = false;
  handler.handle(request, createResponse(), undefined);
  await turn();
  expect(seen).toEqual(["opened", "handled"]);
});
