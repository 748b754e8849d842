import { readdir, readFile } from "node:fs/promises";
import { MissingIngredient } from "../test/peers/missing-ingredient.ts";

/** What Linux tells of processes. Elsewhere those rows are skipped. */
interface Facts {
  readonly parent: number;
  readonly cpuMs: number;
}

/** A tick of `/proc/<pid>/stat`: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const tickMs = 10;

/** The CPU time that a process has spent so far. @throws where it is gone */
export async function cpuMsOf(pid: number): Promise<number> {
  return (await factsOf(pid)).cpuMs;
}

/** The CPU time that a process and all below it have spent so far. @throws where it is gone */
export async function cpuMsOfTree(pid: number): Promise<number> {
  const below = await Promise.all((await childrenOf(pid)).map(cpuMsOfTree));
  return below.reduce((sum, each) => sum + each, await cpuMsOf(pid));
}

/** What a process and all below it have in memory, in bytes; pages that two of them share count twice. */
export async function residentBytesOfTree(pid: number): Promise<number> {
  const below = await childrenOf(pid);
  const ofChildren = await Promise.all(below.map(residentBytesOfTree));
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return ofChildren.reduce((sum, bytes) => sum + bytes, Number(kilobytes ?? 0) * 1024);
}

/** The processes of our engines, by the title that they give themselves. */
export async function runningEngines(): Promise<number[]> {
  const engines: number[] = [];
  for (const child of await childrenOf(process.pid)) {
    const title = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "");
    if (title.startsWith("modelyard engine ")) engines.push(child);
  }
  return engines;
}

async function childrenOf(parent: number): Promise<number[]> {
  onlyOnLinux();
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const facts = await Promise.all(
    // One that has ended meanwhile is nobody's child.
    pids.map(async (pid) => ({ pid, facts: await factsOf(pid).catch(() => undefined) })),
  );
  return facts.filter((each) => each.facts?.parent === parent).map(({ pid }) => pid);
}

async function factsOf(pid: number): Promise<Facts> {
  onlyOnLinux();
  const line = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name comes second, in brackets, and may hold spaces.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { parent: parent ?? 0, cpuMs: ((user ?? 0) + (system ?? 0)) * tickMs };
}

function onlyOnLinux(): void {
  if (process.platform !== "linux") {
    throw new MissingIngredient("processes are looked at by /proc, which this system has not");
  }
}
