import { expect, it } from "vitest";
import { describeMissingBackend } from "./describe-missing-backend.ts";

const kinds = [
  { type: "echo" },
  { type: "llama-cpp", builtIn: true },
  { type: "compatible", discover: [{ name: "studio", ports: [1], recognise: async () => ({}) }] },
];

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
  [
    "studio",
    'No backend is called "studio": no such server is configured, and none was found running.',
    'Start it where it can be found ("discover": true), or add "studio": { "type": "compatible", … } to backends in the configuration.',
  ],
  ["parot", 'No backend is called "parot". Did you mean "parrot"?', "There are: parrot, far."],
])("says what %s lacks", (name, message, remedy) => {
  expect(describeMissingBackend(name, ["parrot", "far"], kinds)).toEqual({ message, remedy });
});
