import net from "node:net";
import { once } from "node:events";
import { isModelyardError } from "../../contract/errors.ts";
import type { Examination } from "./examine.ts";

/** Whether `serve` could listen where the configuration says. */
export const examinePort: Examination = async (services, config) => {
  const address = await services.serverAddress(config).catch(ignoreInvalidConfiguration);
  if (address === undefined) return [];
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
            ? `${host}:${port} is taken, perhaps by a server of ours that runs`
            : `${host}:${port} can't be listened on (${code})`,
        remedy:
          "If it is not ours, choose another: modelyard serve --port, or server.port in the configuration.",
      },
    ];
  } finally {
    server.close();
  }
};

/** The configuration's own finding tells of it. */
function ignoreInvalidConfiguration(error: unknown): undefined {
  if (!isModelyardError(error) || error.code !== "invalid-config") throw error;
}
