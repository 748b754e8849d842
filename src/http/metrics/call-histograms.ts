import type { Metric, Registry } from "prom-client";
import { bounds, type CallCounts, type CallSeries } from "./count-calls.ts";
import type { Tally } from "./tally.ts";

/** What OpenTelemetry's conventions call the operations; a capability that they do not know keeps its name. */
const operations: Readonly<Record<string, string>> = {
  chat: "chat",
  completion: "text_completion",
  embedding: "embeddings",
};

type Read = (series: CallSeries) => readonly (readonly [Record<string, string>, Tally])[];

/** OpenTelemetry's metrics of generative AI, in Prometheus's spelling. */
export function addCallHistograms(registry: Registry, calls: CallCounts): void {
  function add(name: string, help: string, upper: readonly number[], read: Read): void {
    // The library's own histogram costs two microseconds a value; this one takes what is counted already.
    const metric = {
      name,
      help,
      type: "histogram",
      get: async () => ({
        name,
        help,
        type: "histogram",
        values: [...calls.series].flatMap((series) =>
          read(series).flatMap(([labels, tally]) =>
            toValues(name, { ...labelsOf(series), ...labels }, upper, tally),
          ),
        ),
      }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }

  add(
    "gen_ai_client_operation_duration_seconds",
    "From a call's beginning to its end.",
    bounds.durationSeconds,
    (series) => [[{}, series.durationSeconds]],
  );
  add(
    "gen_ai_client_token_usage",
    "Tokens of a call, as the backend counts them.",
    bounds.tokens,
    ({ inputTokens, outputTokens }) => [
      [{ gen_ai_token_type: "input" }, inputTokens],
      [{ gen_ai_token_type: "output" }, outputTokens],
    ],
  );
  add(
    "gen_ai_server_time_to_first_token_seconds",
    "From a call's beginning to its first event, of calls that succeeded.",
    bounds.firstTokenSeconds,
    (series) => [[{}, series.firstTokenSeconds]],
  );
  add(
    "gen_ai_server_time_per_output_token_seconds",
    "Per token after the first, of calls that succeeded.",
    bounds.outputTokenSeconds,
    (series) => [[{}, series.outputTokenSeconds]],
  );
}

function labelsOf(series: CallSeries): Record<string, string> {
  const { capability, type, backend, requestModel, responseModel, outcome } = series;
  return {
    gen_ai_operation_name: operations[capability] ?? capability,
    gen_ai_provider_name: type,
    ...(requestModel === "" ? {} : { gen_ai_request_model: requestModel }),
    ...(responseModel === "" ? {} : { gen_ai_response_model: responseModel }),
    ...(outcome === "done" || outcome === "abandoned" ? {} : { error_type: outcome }),
    modelyard_backend: backend,
  };
}

function toValues(
  name: string,
  labels: Record<string, string>,
  upper: readonly number[],
  { counts, sum }: Tally,
) {
  let total = 0;
  const buckets = counts.map((each, place) => {
    total += each;
    const le = place < upper.length ? upper[place]! : "+Inf";
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  });
  // Nothing was counted: a call that has failed has no first token.
  if (total === 0) return [];
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
