import { ModelyardError } from "../../../contract/errors.ts";

/** What a server answered that does not serve yet. */
export interface FailedAnswer {
  readonly status: number;
  readonly body: string;
  /** A dedicated endpoint, whose proxy answers 502 and 503 while no replica runs. */
  readonly dedicated: boolean;
  readonly model: string | undefined;
}

/**
 * An error that says that the model is still being loaded; undefined for any other answer. Inference Providers give 503 with
 * `estimated_time` in seconds, llama.cpp "Loading model"; the proxy of an endpoint that is scaled to zero has no such words, so that
 * what speaks as a server of Hugging Face does (`error_type`) is believed to be up.
 */
export function loadingProblem(answer: FailedAnswer): ModelyardError | undefined {
  const { status, body, dedicated, model } = answer;
  if (status !== 503 && !(dedicated && status === 502)) return undefined;
  const { estimatedSeconds, isLoading, hasType } = readLoading(body);
  if (estimatedSeconds === undefined && !isLoading && (!dedicated || hasType)) return undefined;
  const what = model === undefined ? "The model" : model;
  const estimate =
    estimatedSeconds === undefined ? "" : ` It needs about ${Math.ceil(estimatedSeconds)} s more.`;
  return new ModelyardError("backend-unavailable", `${what} is still being loaded.${estimate}`, {
    model,
    remedy: "Allow more time (timeoutMs), or try again later.",
    retryAfterMs: estimatedSeconds === undefined ? undefined : estimatedSeconds * 1000,
    details: { loading: true, status },
  });
}

function readLoading(body: string) {
  let fields: Record<string, unknown> = {};
  try {
    const parsed = JSON.parse(body) as unknown;
    if (typeof parsed === "object" && parsed !== null) fields = parsed as Record<string, unknown>;
  } catch {
    // A proxy answers in its own words, which are a page or nothing.
  }
  const estimate = fields["estimated_time"];
  return {
    estimatedSeconds: typeof estimate === "number" && estimate >= 0 ? estimate : undefined,
    isLoading: /\bloading\b/i.test(JSON.stringify(fields["error"]) ?? ""),
    hasType: "error_type" in fields,
  };
}
