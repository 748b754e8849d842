import { expect, it } from "vitest";
import { describeError } from "../pipeline/describe-error.ts";
import { createFakeBackend, createFakeCall, yielding } from "../pipeline/__fixtures__/fake-call.ts";
import { describeStray } from "./describe-stray.ts";
import { describeUnforeseen } from "./describe-unforeseen.ts";
import { ModelyardError, toModelyardError } from "./errors.ts";

const no = () => {
  throw new Error("no");
};
const having = (field: string, value: object = new Error("x")) =>
  Object.defineProperty(value, field, { get: no });
const deaf = (value: object) =>
  new Proxy(value, {
    get: no,
    has: no,
    getPrototypeOf: no,
    ownKeys: no,
    getOwnPropertyDescriptor: no,
  });
const revoked = Proxy.revocable([], {});
revoked.revoke();

it.each<[string, unknown]>([
  ["an error whose message throws", having("message")],
  ["an error whose stack throws", having("stack")],
  ["an error whose cause throws", having("cause")],
  ["an error whose name is no text", Object.assign(new Error("x"), { name: { toString: no } })],
  ["an object whose message throws", having("message", {})],
  ["a proxy of an error", deaf(new Error("x"))],
  ["a proxy of one of ours", deaf(new ModelyardError("timeout", "x"))],
  ["a proxy that shows our mark alone", new Proxy(new ModelyardError("timeout", "x"), { get: no })],
  ["a proxy that was revoked", revoked.proxy],
])("%s is told like any other, and throws no more", (_, thrown) => {
  const call = createFakeCall(createFakeBackend(yielding()));
  for (const error of [toModelyardError(thrown), describeError(thrown, call)]) {
    expect(error).toMatchObject({
      code: "backend-error",
      message: expect.stringMatching(/^(x|Some.*read\.)$/),
    });
    expect(error.cause).toBeUndefined();
  }
  expect(describeUnforeseen(thrown)).toMatch(/can't be read/);
  expect(describeStray(thrown)).toMatch(/can't be read/);
});
