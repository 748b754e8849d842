import { isModelyardError } from "../../contract/errors.ts";
import type { AskedServer, Services, Source } from "../services.ts";

/** The server that runs on the configuration's address, where it lets us in; that it does not is a finding of its own. */
export async function openServer(
  services: Services,
  source: Source,
): Promise<AskedServer | undefined> {
  const server = await services.findServer(source);
  try {
    await server?.backends();
    return server;
  } catch (error) {
    if (isModelyardError(error)) return undefined;
    throw error;
  }
}
