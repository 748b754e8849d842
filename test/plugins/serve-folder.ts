import fs from "node:fs";
import path from "node:path";
import { deferredGateway } from "../../src/app/open-gateway.ts";
import { services } from "../../src/app/services.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import type { DeferredGateway } from "../../src/gateway/deferred-gateway.ts";
import { folderWith } from "../cli/run-modelyard.ts";

/** A gateway over a folder of its own, and its port. */
export interface ServedFolder extends AsyncDisposable {
  readonly folder: string;
  readonly gateway: DeferredGateway;
  readonly url: string;
}

/** Serves this configuration, with these files beside it: name → text. */
export async function serveFolder(
  configuration: object,
  files: Readonly<Record<string, string>> = {},
): Promise<ServedFolder> {
  const folder = folderWith(configuration);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  const gateway = deferredGateway({ config: path.join(folder, "modelyard.json"), log: silentLog });
  const server = await services.serveHttp(await gateway.open(), { port: 0, log: silentLog });
  return {
    folder,
    gateway,
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server.close();
      await gateway.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}
