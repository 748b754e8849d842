import type { Backend, BackendSetup } from "../../../contract/backend.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { createConnection } from "./connection.ts";
import { createRouter } from "./create-router.ts";
import { createServerBackend } from "./create-server-backend.ts";

/** The backend itself: Inference Providers, or the server that `baseUrl` names. */
export function openRemote(setup: BackendSetup<HuggingFaceConfig>): Backend {
  const connection = createConnection(setup.config);
  return connection.isRouter
    ? createRouter(connection, setup)
    : createServerBackend(connection, setup);
}
