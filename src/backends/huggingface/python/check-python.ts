import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Health } from "../../../contract/backend.ts";
import { isModelyardError } from "../../../contract/errors.ts";

const run = promisify(execFile);
const answerTimeoutMs = 10_000;
/** Looks for the packages without importing them, which takes seconds. */
const question = `
import importlib.util, json
names = ["torch", "transformers", "sentence_transformers"]
print(json.dumps([name.replace("_", "-") for name in names if importlib.util.find_spec(name) is None]))
`;

/** Whether there is a Python, and the packages that models run by; without the one that only embedding needs it is degraded. */
export async function checkPython(
  interpreter: (signal: AbortSignal) => Promise<string>,
  signal: AbortSignal,
): Promise<Health> {
  let python: string;
  try {
    python = await interpreter(signal);
  } catch (error) {
    if (!isModelyardError(error) || signal.aborted) throw error;
    return { status: "unhealthy", reason: `${error.message} ${error.remedy ?? ""}`.trim() };
  }
  const { stdout } = await run(python, ["-c", question], {
    timeout: answerTimeoutMs,
    windowsHide: true,
    signal,
  });
  const missing = JSON.parse(stdout) as string[];
  if (missing.length === 0) return { status: "healthy" };
  const embedsOnly = missing.every((name) => name === "sentence-transformers");
  return {
    status: embedsOnly ? "degraded" : "unhealthy",
    reason: `${python} lacks ${missing.join(", ")}${embedsOnly ? ", which embedding needs" : ""}. Install with \`${python} -m pip install ${missing.join(" ")}\`.`,
  };
}
