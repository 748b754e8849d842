// A test for each thing that a backend must get right; what fails says where, why it matters and how to mend it.
import { describe, it } from "node:test";
import { describeBackend } from "modelyard/testing";
import backend from "./backend.ts";

// What it is configured with here: a server that runs, or one that the test starts.
describeBackend(backend, { describe, it, config: {} });
