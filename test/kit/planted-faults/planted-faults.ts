import { wrongAnswers } from "./answers.ts";
import { wrongReadings } from "./broken-answers.ts";
import { wrongFailures } from "./failures.ts";
import { wrongJobs } from "./jobs.ts";
import { wrongLifecycles } from "./lifecycles.ts";
import type { PlantedFault } from "./planted-fault.ts";
import { wrongResources } from "./resources.ts";

/** What the kit is proved by. */
export const plantedFaults: readonly PlantedFault[] = [
  ...wrongAnswers,
  ...wrongFailures,
  ...wrongReadings,
  ...wrongLifecycles,
  ...wrongResources,
  ...wrongJobs,
];
