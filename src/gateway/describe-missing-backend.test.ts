import { expect, it } from "vitest";
import { describeMissingBackend } from "./describe-missing-backend.ts";

const kinds = [{ type: "echo" }, { type: "llama-cpp", builtIn: true }];

it.each([
  [
    "echo",
    'No backend is called "echo": it is a kind of backend that is not configured.',
    'Add "echo": {} to backends in the configuration.',
  ],
  [
    "llama-cpp",
    'The backend "llama-cpp" is switched off.',
    'Take "enabled": false out of its entry in the configuration.',
  ],
  ["parot", 'No backend is called "parot". Did you mean "parrot"?', "There are: parrot, far."],
])("says what %s lacks", (name, message, remedy) => {
  expect(describeMissingBackend(name, ["parrot", "far"], kinds)).toEqual({ message, remedy });
});
