import type { Define } from "../program.ts";
import { defineBackendNew } from "./backend-new.ts";
import { defineBackendTest } from "./backend-test.ts";

/** `modelyard backend`: what authors of backends need. */
export const defineBackendGroup: Define = (command, run) => {
  defineBackendNew(command, run);
  defineBackendTest(command, run);
};
