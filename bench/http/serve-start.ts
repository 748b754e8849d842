import { compare, milliseconds } from "../interleave.ts";
import type { BarGroup } from "../row.ts";
import { bareProxyBefore, modelyardBefore } from "./proxies.ts";
import { quickestStart } from "./quickest-start.ts";

/** Nothing listens there: neither asks its upstream before a call comes. */
const nowhere = "http://127.0.0.1:9/v1";

/** From the start of the process until `/ready` is answered. */
export const serveStart: BarGroup = async ({ rounds, say }) => {
  const ours = await modelyardBefore(nowhere);
  const theirs = bareProxyBefore(nowhere);
  // The first start reads the files from the disk, and leaves compiled code for the next.
  for (const command of [theirs, ours]) await quickestStart(command);
  say("starts until /ready");
  const start = await compare({
    what: "serve, start to /ready, against a bare proxy",
    rounds,
    limit: { atMost: 1.4 },
    ours: () => quickestStart(ours),
    theirs: () => quickestStart(theirs),
    format: milliseconds,
  });
  return [start];
};
