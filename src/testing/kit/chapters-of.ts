import { builtInCapabilities } from "../../contract/capabilities.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import type { Chapter, Check } from "./check.ts";
import { capabilityChapter } from "./chapters/capability.ts";
import { health } from "./chapters/health.ts";
import { lifecycle } from "./chapters/lifecycle.ts";
import { models } from "./chapters/models.ts";

/** All chapters for a backend with these capabilities, in the order they are run. */
export function chaptersOf(capabilities: readonly AnyCapability[]): readonly Chapter[] {
  return [lifecycle, health, models, ...capabilities.map(capabilityChapter)];
}

/** Every check there is, for backends that have all capabilities that are built in. */
export const kitChecks: readonly Check[] = chaptersOf(
  builtInCapabilities as readonly AnyCapability[],
).flatMap(({ checks }) => checks);
