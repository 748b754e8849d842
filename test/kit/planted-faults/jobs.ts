import { z } from "zod";
import {
  defineBackend,
  readJson,
  requestJson,
  toPrompt,
  warnOfIgnored,
} from "../../../src/contract/index.ts";
import { warnOfImages, type PlantedFault } from "./planted-fault.ts";

/*
 * Backends of an API whose answers are jobs (`examples/backends/servers/acme-server.ts`): `examples/backends/job-api.ts` is the right
 * one.
 */

const Begun = z.object({ job: z.string() });
const Part = z.object({ text: z.string(), next: z.int(), state: z.enum(["working", "done"]) });

/** What is done for a job when its call ends, done or not. */
type End = (job: string, fetches: { own: typeof fetch; ofCall: typeof fetch }) => Promise<unknown>;

const jobs = (end: End) =>
  defineBackend({
    type: "planted",
    config: z.strictObject({ baseUrl: z.url() }),
    upstream: ({ baseUrl }) => ({ url: baseUrl }),
    create: ({ config: { baseUrl }, fetch }) => ({
      capabilities: {
        async *chat({ messages, ...rest }, context) {
          warnOfIgnored(rest, context);
          warnOfImages({ messages }, context);
          const body = { input: toPrompt(messages) };
          const begun = await requestJson(context.fetch, `${baseUrl}/jobs`, { body });
          const job = `${baseUrl}/jobs/${(await readJson(begun, Begun)).job}`;
          let part: z.output<typeof Part> | undefined;
          try {
            while (part?.state !== "done") {
              const url = `${job}?from=${part?.next ?? 0}`;
              part = await readJson(await requestJson(context.fetch, url), Part);
              yield { type: "text-delta", text: part.text };
            }
          } finally {
            const fetches = { own: fetch, ofCall: context.fetch };
            if (part?.state !== "done") await end(job, fetches).catch(() => {}); // as authors do
          }
          yield { type: "finish", reason: "stop", usage: {} };
        },
      },
    }),
  });

export const wrongJobs: readonly PlantedFault[] = [
  {
    name: "never stops its jobs",
    definition: jobs(async () => {}),
    caughtBy: "cancellation/stops-job",
    server: "acme",
  },
  {
    name: "stops its jobs with the fetch of the call that has ended",
    definition: jobs((job, { ofCall }) => ofCall(job, { method: "DELETE" })),
    caughtBy: "cancellation/stops-job",
    server: "acme",
  },
];
