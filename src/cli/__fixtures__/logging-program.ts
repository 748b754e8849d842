import { createJsonLog } from "../json-log.ts";

/** Logs two lines, of a call whose backend told an odd usage, and ends as it is told: by itself, at once, or by a crash. */
const log = createJsonLog("info");
log.debug("not this one");
log.info("first");
log.call({
  id: "c1",
  capability: "chat",
  requested: "fast",
  target: { backend: "b", model: "m" },
  type: "echo",
  stream: true,
  outcome: "backend-error",
  reason: "You said: the prompt",
  startedAt: 0,
  endedMs: 12.4,
  attempts: 2,
  usage: { inputTokens: 3, outputTokens: 4n as unknown as number },
  steps: [],
});
if (process.argv[2] === "exit") process.exit(3);
if (process.argv[2] === "crash") throw new Error("a crash");
