import { Worker } from "node:worker_threads";

const intervalMs = 250;

/** A system gives an orphan another parent; Windows keeps the old number, so there the process itself is asked for. */
const source = `
const { workerData: parentPid } = require("node:worker_threads");
setInterval(() => {
  let orphaned = process.ppid !== parentPid;
  if (process.platform === "win32") {
    try { process.kill(parentPid, 0); } catch (error) { orphaned = error.code === "ESRCH"; }
  }
  if (orphaned) process.kill(process.pid, "SIGKILL");
}, ${intervalMs});
`;

/** Kills this process soon after its parent has gone, even while a native call blocks the main thread: the watching is done in a thread of its own. */
export function watchParent(parentPid: number): void {
  const worker = new Worker(source, {
    eval: true,
    workerData: parentPid,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  worker.unref();
}
