import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { cpuMsOfTree } from "../process-tree.ts";
import type { LoadFigures, LoadOrder } from "./load-client.ts";
import type { ServerProcess } from "./server-process.ts";

/** What so many requests cost a server, and how soon they were answered. */
export interface Load {
  readonly cpuMsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly medianMs: number;
}

export interface LoadGenerator extends AsyncDisposable {
  run(order: LoadOrder): Promise<LoadFigures>;
  /** The same, with the CPU time of the server's whole tree. */
  measure(server: Pick<ServerProcess, "pid">, order: LoadOrder): Promise<Load>;
}

export function startLoad(): LoadGenerator {
  const client = fork(path.join(import.meta.dirname, "load-client.ts"));

  async function run(order: LoadOrder): Promise<LoadFigures> {
    client.send(order);
    const [answer] = (await once(client, "message")) as [LoadFigures | { problem: string }];
    if ("problem" in answer) throw new Error(answer.problem);
    return answer;
  }

  return {
    run,
    async measure({ pid }, order) {
      const before = await cpuMsOfTree(pid);
      const { seconds, medianMs } = await run(order);
      const spentMs = (await cpuMsOfTree(pid)) - before;
      return {
        cpuMsPerRequest: spentMs / order.requests,
        requestsPerSecond: order.requests / seconds,
        medianMs,
      };
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await once(client, "exit");
    },
  };
}
