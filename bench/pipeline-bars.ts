import { measurePipeline } from "./pipeline.ts";
import { describeLimit, keeps, type BarGroup, type Limit } from "./row.ts";

const ofCall: Limit = { atMost: 0.5 };
const ofEvent: Limit = { atMost: 0.05 };

/** What the gateway and its pipeline add to whatever a backend does. */
export const pipelineBars: BarGroup = async ({ rounds, say }) => {
  say("a backend that does nothing, and a bare proxy");
  const figures = await measurePipeline(rounds);
  const theirs = `${figures.proxiedRequestMicroseconds.toFixed(1)} µs`;
  return [
    {
      what: "CPU of a call, against a request through a bare proxy",
      ours: `${figures.callMicroseconds.toFixed(1)} µs`,
      theirs,
      ratio: figures.callRatio,
      bar: describeLimit(ofCall),
      met: keeps(ofCall, figures.callRatio),
    },
    {
      what: "CPU of an event, against the same",
      ours: `${figures.eventMicroseconds.toFixed(2)} µs`,
      theirs,
      ratio: figures.eventRatio,
      bar: describeLimit(ofEvent),
      met: keeps(ofEvent, figures.eventRatio),
    },
  ];
};
