import { ModelyardError, type ErrorCode } from "../errors.ts";
import { quote } from "./quote.ts";

/** What an upstream answered, to be understood as an error. */
export interface FailedResponse {
  readonly status: number;
  readonly headers?: Headers | undefined;
  /** Its text, or what its JSON held. */
  readonly body: unknown;
  readonly model?: string | undefined;
  /** What it means, where its sender knows better than we can tell. */
  readonly code?: ErrorCode | undefined;
  /** What it says, where that can't be read from a body of a shape of its own. */
  readonly message?: string | undefined;
  /** For how long it asks to be left alone, where it says so in a header or a field of its own. */
  readonly retryAfterMs?: number | undefined;
}

/** What the shapes of error have in common. */
interface Said {
  readonly message?: string | undefined;
  readonly code?: string | number | undefined;
  readonly type?: string | undefined;
  /** The parameter that it is about: `temperature`, `messages.0.content`. */
  readonly param?: string | undefined;
  readonly estimatedSeconds?: number | undefined;
  readonly details: Record<string, unknown>;
}

/**
 * An upstream's refusal as an error of ours. Knows the shapes of OpenAI, vLLM, SGLang, llama.cpp, TGI, TEI, Ollama, FastAPI, the
 * Hugging Face hub, Mistral and Anthropic; where there is no message, the beginning of the body is quoted.
 */
export function responseError({
  status,
  headers,
  body,
  model,
  code: known,
  message: told,
  retryAfterMs,
}: FailedResponse): ModelyardError {
  const parsed = typeof body === "string" ? parsedOrText(body) : body;
  const said = readSaid(parsed);
  const effective = effectiveStatus(status, said.code);
  const code = known ?? codeOf(effective, said);
  const message = (told ?? said.message)?.slice(0, 1_000) ?? beginningOf(body);
  const counts = code === "context-length-exceeded" ? tokenCounts(said) : {};
  const remedy =
    known === undefined && isUnpaid(effective, said)
      ? "Check the credit of the account that this key belongs to."
      : remedies[code];
  const { param } = said;
  return new ModelyardError(
    code,
    `${answered(status, said.code)}${message === undefined ? "." : `: ${message}`}`,
    {
      ...(model === undefined ? {} : { model }),
      ...(remedy === undefined ? {} : { remedy }),
      retryAfterMs: retryAfterMs ?? retryAfterOf(headers, said),
      details: { status, ...(param === undefined ? {} : { param }), ...counts },
    },
  );
}

const remedies: Partial<Record<ErrorCode, string>> = {
  "backend-unauthorized": "Check the key or token that this backend is configured with.",
  "context-length-exceeded": "Shorten the input, or use a model with a larger context.",
  "rate-limited": "Wait, or send fewer requests at once.",
  "content-filtered": "Change the input, or use another model.",
  "capability-not-supported": "Use a model that can, or leave out what it can't do.",
  "backend-error": "Try again, or see the log of that server.",
  "backend-unavailable": "Try again in a moment.",
  overloaded: "Try again in a moment.",
  "model-not-found": "`modelyard models` lists what the backend has.",
};

/** What came, where nobody can tell which part of it is for people. */
function beginningOf(body: unknown): string | undefined {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return /[^\s{}[\]]/.test(text) && body !== null ? quote(text) : undefined;
}

const overflow =
  /context[_ -]?(length|size|window)|maximum context|too long|exceeds? the (available )?context|max_model_len|exceed_context|input length exceeds|maximum (input )?(sequence )?length|must have less than \d+ tokens|tokens?\) is too large to process|max_new_tokens` must be <=|exceeds the maximum number of tokens|reduce the length of the (messages|prompt|input)/i;
/** What a model or a server can't do at all, in the words of llama.cpp, vLLM, Ollama and OpenAI. */
const lacking =
  /does(n't| not) support (logits|tools?\b|tool|function|embeddings?|chat|completions?|images?|vision|audio|image input|the (chat|embeddings?|completions?)|generat|decision|system ?one)|not_supported_error|pooling type 'none'|image input is not supported|not a multimodal model|image_url is only supported|tool choice requires|tools param requires|does not support (specifying dimensions|matryoshka)|no chat template|only supports? text/i;
const filtered = /content[_ -]?(filter|policy)|responsible ?ai|safety/i;
const unknownModel =
  /model.{0,80}(not found|does not exist|not exist|unknown|no such)|no such model|unknown model|not a valid model|not_found_error model:/i;
/** Gemini refuses a key with status 400. */
const wrongKey = /api[_ -]?key (is )?(not valid|invalid|expired)/i;
const unpaid = /insufficient[_ ](quota|credits|balance)|billing/i;
const rateLimit = /rate_limit/i;
const loading = /loading model|model is (currently )?loading|model.{0,40}is loading/i;

function codeOf(status: number, { message = "", code = "", type = "" }: Said): ErrorCode {
  const words = `${code} ${type} ${message}`;
  if (status < 500 || type === "exceed_context_size_error" || status === 500) {
    if (status !== 401 && status !== 403 && status !== 429 && overflow.test(words))
      return "context-length-exceeded";
  }
  if (status === 400 && wrongKey.test(message)) return "backend-unauthorized";
  if (status === 401 || isUnpaid(status, { message, code, type })) return "backend-unauthorized";
  if (filtered.test(`${code} ${type}`)) return "content-filtered";
  if (status === 403) return "backend-unauthorized";
  if (status < 502 && status !== 429 && lacking.test(words)) return "capability-not-supported";
  if (unknownModel.test(words) && (status === 404 || status === 400)) return "model-not-found";
  if (status === 429 || rateLimit.test(`${code} ${type}`)) return "rate-limited";
  if (status === 503 || status === 529 || loading.test(message))
    return type === "overloaded" || /overloaded|server busy/i.test(words)
      ? "overloaded"
      : "backend-unavailable";
  if (status === 502) return "backend-unavailable";
  if (status === 408 || status === 504) return "timeout";
  if (status === 501) return "capability-not-supported";
  if (status === 404 || status === 405) return "backend-error";
  if (status === 424 || status >= 500 || status < 400) return "backend-error";
  return "invalid-request";
}

function isUnpaid(status: number, { message = "", code = "", type = "" }: Partial<Said>): boolean {
  return status === 402 || unpaid.test(`${code} ${type} ${message}`);
}

function answered(status: number, code: string | number | undefined): string {
  if (status >= 300) return `The backend answered ${status}`;
  return `The backend answered with an error${code === undefined ? "" : ` (${code})`}`;
}

/** A refusal inside an answer of status 200, or inside a stream, says its status in its code; it is the server's failure where it does not. */
function effectiveStatus(status: number, code: string | number | undefined): number {
  if (status >= 300) return status;
  const inside = Number(code);
  return Number.isInteger(inside) && inside >= 400 && inside < 600 ? inside : 500;
}

function readSaid(body: unknown): Said {
  if (typeof body === "string") return { message: undefined, details: {} };
  const outer = fields(body);
  // Ollama since 0.34 hands on what its engine said, as JSON within a text.
  const within = typeof outer["error"] === "string" ? parsedOrText(outer["error"]) : undefined;
  if (typeof within === "object" && within !== null) return readSaid(within);
  const inner = typeof outer["error"] === "object" ? fields(outer["error"]) : outer;
  // Mistral puts FastAPI's list into the message.
  const detail = outer["detail"] ?? fields(inner["message"])["detail"];
  const message =
    text(outer["error"]) ??
    text(inner["message"]) ??
    text(detail) ??
    issues(detail) ??
    text(outer["message"]) ??
    text(outer["reason"]);
  return {
    message,
    param: text(inner["param"]) ?? place(detail),
    code: scalar(inner["code"]) ?? scalar(inner["http_status_code"]),
    type:
      text(inner["type"]) ??
      text(inner["error_type"]) ??
      text(outer["error_type"]) ??
      text(inner["status"]),
    estimatedSeconds:
      typeof outer["estimated_time"] === "number" ? outer["estimated_time"] : undefined,
    details: inner,
  };
}

/** FastAPI's list of what is wrong: `body.messages: field required`. */
function issues(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const said = detail.map(fields).map(({ loc, msg }) => {
    const place = Array.isArray(loc) ? `${loc.join(".")}: ` : "";
    return `${place}${text(msg) ?? ""}`;
  });
  return said.join("; ");
}

/** The parameter that FastAPI's first problem is about, without the word for the request's body. */
function place(detail: unknown): string | undefined {
  const { loc } = fields(Array.isArray(detail) ? detail[0] : undefined);
  if (!Array.isArray(loc)) return undefined;
  return text(loc.filter((part, at) => at > 0 || part !== "body").join("."));
}

/** How long to wait: `retry-after-ms`, `Retry-After` in seconds or as a date, or an estimate in the body. */
function retryAfterOf(
  headers: Headers | undefined,
  { estimatedSeconds }: Said,
): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const written = headers?.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(written)) return Number(written) * 1000;
  const date = Date.parse(written);
  if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
  return estimatedSeconds === undefined ? undefined : estimatedSeconds * 1000;
}

/** The counts that servers give for a prompt that does not fit, by field or in words. */
function tokenCounts({ details, message = "" }: Said): Record<string, number> {
  const window =
    number(details["n_ctx"]) ??
    numberIn(
      message,
      /(?:maximum context length (?:is|of)|context (?:length|size|window) (?:is|of)|less than|context (?:length|size) \(|tokens allowed \(|must be <=|batch size:|>) ?(\d+)|model with (\d+) maximum context/i,
    );
  const prompt =
    number(details["n_prompt_tokens"]) ??
    numberIn(
      message,
      /(?:requested|resulted in|has|given:?|contains?|input \(|request \(|token count \() ?(\d+)(?: (?:`inputs` |input )?tokens|\))|too long: (\d+) tokens|tokens\. Given: (\d+)$/i,
    );
  return {
    ...(window === undefined ? {} : { contextTokens: window }),
    ...(prompt === undefined ? {} : { inputTokens: prompt }),
  };
}

function numberIn(message: string, pattern: RegExp): number | undefined {
  const digits = pattern
    .exec(message)
    ?.slice(1)
    .find((group) => group !== undefined);
  return digits === undefined ? undefined : Number(digits);
}

/** What the JSON of a body holds; the text itself where it is none. */
export function parsedOrText(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const number = (value: unknown) => (typeof value === "number" ? value : undefined);
const scalar = (value: unknown) => text(value) ?? number(value);
