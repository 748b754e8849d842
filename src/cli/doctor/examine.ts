import { toModelyardError } from "../../contract/errors.ts";
import type { Services, Source } from "../services.ts";
import { examineBackends } from "./examine-backends.ts";
import { examineConfiguration } from "./examine-configuration.ts";
import { examineEngines } from "./examine-engines.ts";
import { examineFolders } from "./examine-folders.ts";
import { examineMachine } from "./examine-machine.ts";
import { examinePort } from "./examine-port.ts";
import { examineServers } from "./examine-servers.ts";

/** One thing that was looked at. `note`: it works, but one should know. */
export interface Finding {
  what: string;
  status: "good" | "note" | "broken";
  message: string;
  remedy?: string;
}

/** Looks at one side of the installation. */
export type Examination = (services: Services, source: Source) => Promise<Finding[]>;

const examinations: Readonly<Record<string, Examination>> = {
  machine: examineMachine,
  configuration: examineConfiguration,
  backends: examineBackends,
  servers: examineServers,
  engines: examineEngines,
  folders: examineFolders,
  port: examinePort,
};

/** All examinations at once; one that fails is a finding itself, and keeps none of the others from telling. */
export async function examine(services: Services, source: Source): Promise<Finding[]> {
  const findings = await Promise.all(
    Object.entries(examinations).map(async ([what, look]) => {
      try {
        return await look(services, source);
      } catch (thrown) {
        const { message, remedy } = toModelyardError(thrown, "internal");
        return [
          { what, status: "broken" as const, message, ...(remedy === undefined ? {} : { remedy }) },
        ];
      }
    }),
  );
  return findings.flat();
}
