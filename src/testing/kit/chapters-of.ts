import { builtInCapabilities } from "../../contract/capabilities.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import type { Chapter, Check } from "./check.ts";
import { backPressure } from "./chapters/back-pressure.ts";
import { cancellation } from "./chapters/cancellation.ts";
import { capabilityChapter } from "./chapters/capability.ts";
import { concurrency } from "./chapters/concurrency.ts";
import { errors } from "./chapters/errors.ts";
import { health } from "./chapters/health.ts";
import { lifecycle } from "./chapters/lifecycle.ts";
import { memory } from "./chapters/memory.ts";
import { models } from "./chapters/models.ts";
import { privacy } from "./chapters/privacy.ts";
import { requests } from "./chapters/requests.ts";
import { unicodeAndSize } from "./chapters/unicode-and-size.ts";

/** All chapters for a backend with these capabilities, in the order they are run. */
export function chaptersOf(capabilities: readonly AnyCapability[]): readonly Chapter[] {
  return [
    lifecycle,
    health,
    models,
    ...capabilities.map(capabilityChapter),
    requests,
    errors,
    cancellation,
    concurrency,
    backPressure,
    memory,
    unicodeAndSize,
    privacy,
  ];
}

/** Every check there is, for backends that have all capabilities that are built in. */
export const kitChecks: readonly Check[] = chaptersOf(
  builtInCapabilities as readonly AnyCapability[],
).flatMap(({ checks }) => checks);
