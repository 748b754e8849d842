import net from "node:net";
import { once } from "node:events";
import { isModelyardError, toModelyardError } from "../../contract/errors.ts";
import type { AskedServer } from "../services.ts";
import type { Examination, Finding } from "./examine.ts";

/** Whether `serve` could listen where the configuration says. */
export const examinePort: Examination = async (services, source) => {
  const address = await services.serverAddress(source).catch(ignoreInvalidConfiguration);
  if (address === undefined) return [];
  const running = await services.findServer(source);
  if (running !== undefined) return [await examineRunning(running)];
  const { host, port } = address;
  const what = "Port";
  const server = net.createServer();
  try {
    server.listen({ host: host.replace(/^\[(.*)\]$/, "$1"), port });
    await once(server, "listening");
    return [{ what, status: "good", message: `${host}:${port} is free for \`modelyard serve\`` }];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      {
        what,
        status: "note",
        message:
          code === "EADDRINUSE"
            ? `${host}:${port} is taken, and not by a server of ours`
            : `${host}:${port} can't be listened on (${code})`,
        remedy:
          "If it is not ours, choose another: modelyard serve --port, or server.port in the configuration.",
      },
    ];
  } finally {
    server.close();
  }
};

/** A server of ours that runs there: whether it takes our key, and whether its file is what it runs. */
async function examineRunning(server: AskedServer): Promise<Finding> {
  const what = "Server";
  try {
    const { problem, needsRestart = [] } = await server.configuration();
    const message = `Modelyard runs at ${server.url}`;
    if (problem !== undefined) {
      const remedy = "What was configured before goes on until the file is mended.";
      return {
        what,
        status: "broken",
        message: `${message}, and can't take its file: ${problem}`,
        remedy,
      };
    }
    if (needsRestart.length === 0) return { what, status: "good", message };
    const changed = needsRestart.join(", ");
    return {
      what,
      status: "note",
      message: `${message}, without the new ${changed}`,
      remedy: "Restart it.",
    };
  } catch (error) {
    const { message, remedy } = toModelyardError(error);
    return {
      what,
      status: "note",
      message: `Modelyard runs at ${server.url}, and says: ${message}`,
      ...(remedy && { remedy }),
    };
  }
}

/** The configuration's own finding tells of it. */
function ignoreInvalidConfiguration(error: unknown): undefined {
  if (!isModelyardError(error) || error.code !== "invalid-config") throw error;
}
