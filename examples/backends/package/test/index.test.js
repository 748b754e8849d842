import { describe, it } from "node:test";
import { describeBackend } from "modelyard/testing";
import backend from "../index.js";

describeBackend(backend, { describe, it });
