import { startServer, type ServerCommand } from "./server-process.ts";

/** A start varies more than anything else, so each figure is the best of some. */
const startsPerRound = 3;

/** The quickest of some starts until `/ready`, in milliseconds. */
export async function quickestStart(command: ServerCommand): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < startsPerRound; count++) {
    const server = await startServer(command);
    times.push(server.readyMs);
    await server.kill();
  }
  return Math.min(...times);
}
