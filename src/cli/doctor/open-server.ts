import { isModelyardError } from "../../contract/errors.ts";
import type { AskedServer, Services } from "../services.ts";

/** The server that runs on the configuration's address, where it lets us in; that it does not is a finding of its own. */
export async function openServer(
  services: Services,
  config: string | undefined,
): Promise<AskedServer | undefined> {
  const server = await services.findServer(config);
  try {
    await server?.backends();
    return server;
  } catch (error) {
    if (isModelyardError(error)) return undefined;
    throw error;
  }
}
