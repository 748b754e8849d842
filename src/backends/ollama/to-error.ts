import { type ErrorCode, isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { responseError } from "../../contract/http/response-error.ts";

interface Rule {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly remedy: string;
  /** Holds for refusals of this status and above; a line in the midst of an answer counts as 500. */
  readonly fromStatus?: number;
  /** It shows that something else answers there. */
  readonly isOther?: boolean;
}

/** Ollama's own wordings, by which alone its errors can be told apart. Source: recorded answers; server/routes.go, llm/server.go. */
const rules: readonly Rule[] = [
  {
    says: /does not support|this model (can't|cannot)|missing data required for image input/i,
    code: "capability-not-supported",
    remedy: "`modelyard models` shows what each model can do.",
  },
  {
    says: /requires more system memory|out of memory|unable to allocate|cudaMalloc failed/i,
    code: "insufficient-memory",
    remedy: "Use a smaller model or a smaller contextSize, or unload other models.",
  },
  {
    says: /unexpectedly stopped|process has terminated|process no longer running|unexpected EOF|signal: |running the model|forcibly closed|connection reset|broken pipe/i,
    code: "backend-error",
    remedy: "Try again: Ollama starts its engine anew. Its log says why this one ended.",
    fromStatus: 500,
  },
  {
    says: /option .* must be of type/i,
    code: "invalid-request",
    remedy: "Correct that option in the request's providerOptions or in the backend's options.",
  },
  {
    says: /grammar|invalid (JSON )?schema/i,
    code: "invalid-request",
    remedy: "Simplify the schema: Ollama can't hold an answer to every part of JSON Schema.",
  },
  {
    says: /invalid model name/i,
    code: "model-not-found",
    remedy: "`modelyard models` lists what there is; a name looks like qwen3:4b.",
  },
  {
    says: /newer version of Ollama/i,
    code: "backend-error",
    remedy: "Update Ollama.",
  },
  {
    says: /answered 403\.$/, // without a word
    code: "backend-unauthorized",
    remedy: "Ollama refuses this host name: name it by its address, or start it with OLLAMA_HOST.",
  },
  {
    says: /answered 401/,
    code: "backend-unauthorized",
    remedy: "Set apiKey; for models of Ollama's cloud sign that Ollama in: `ollama signin`.",
  },
  {
    says: /answered 40[45]: (File Not Found|Not Found|Method Not Allowed|Unexpected endpoint|Resource not found|Invalid URL)/i, // llama.cpp, FastAPI and others
    code: "backend-error",
    remedy: 'Configure that server as type "openai-compatible", or correct baseUrl.',
    isOther: true,
  },
  {
    says: /page not found/,
    code: "backend-error",
    remedy: "Check that baseUrl is the address of an Ollama, and update it where it is old.",
  },
];

/** Where its words tell no more than its status. */
const otherRemedies: Partial<Record<ErrorCode, string>> = {
  "invalid-request": "Check the request's parameters and what its providerOptions add.",
  "backend-error": "Try again; if it stays so, look into Ollama's log.",
  "backend-unavailable": "Try again later; `ollama ps` shows what it is busy with.",
  overloaded: "Try again later, or let Ollama queue more (OLLAMA_MAX_QUEUE).",
};

/** A failure of a request to Ollama in the words that help here; what is no failure of ours stays what it is. */
export function toOllamaError(error: unknown, baseUrl: string): unknown {
  if (!isModelyardError(error)) return error;
  const { details = {} } = error;
  const status = typeof details["status"] === "number" ? details["status"] : undefined;
  if (status === undefined) return unreachable(error, baseUrl);
  const rule = rules.find(
    ({ says, fromStatus = 0 }) => says.test(error.message) && status >= fromStatus,
  );
  const keeps = error.code === "context-length-exceeded" || rule === undefined;
  const remedy = keeps ? (otherRemedies[error.code] ?? error.remedy) : rule.remedy;
  return new ModelyardError(
    keeps ? error.code : rule.code,
    rule?.isOther === true
      ? error.message.replace(
          /^The backend answered (.+?)\.?$/,
          "What answers there is no Ollama ($1).",
        )
      : error.message.replace(/^The backend/, "Ollama"),
    { ...optionsOf(error), remedy },
  );
}

/** An `{ "error": … }` line in the midst of an answer, which came with status 200. */
export function lineError(told: unknown, model: string): ModelyardError {
  const said = responseError({ status: 500, body: { error: told }, model });
  const error = toOllamaError(said, "") as ModelyardError;
  const { code, remedy } = error;
  const message = error.message.replace("Ollama answered 500", "Ollama broke off");
  return new ModelyardError(code, message, { ...optionsOf(error), remedy });
}

/** Whether the engine that runs a model has died, and left memory with that. */
export function engineDied({ code, message }: ModelyardError): boolean {
  return (
    code === "backend-error" &&
    /unexpectedly stopped|process has terminated|no longer running|EOF|signal: /i.test(message)
  );
}

function optionsOf({ model, retryAfterMs, details, cause }: ModelyardError) {
  return { model, retryAfterMs, details, cause };
}

/** What is said of any server that does not answer. */
const anyServer = "Check that the server runs";

/** Nothing answers there: the commonest reason is that nobody has started it. */
function unreachable(error: ModelyardError, baseUrl: string): ModelyardError {
  if (error.code !== "backend-unavailable") return error;
  const here = /\/\/(localhost|127\.|\[::1\])/.test(baseUrl);
  const start = here
    ? "Start it: `ollama serve`."
    : "Check that it runs there, and that its OLLAMA_HOST lets others in.";
  // Of a proxy, a certificate or a name that can't be resolved more is known already.
  const { remedy = anyServer } = error;
  return new ModelyardError(error.code, `Ollama can't be reached at ${error.message}`, {
    ...optionsOf(error),
    remedy: remedy.startsWith(anyServer) && !remedy.includes("certificate") ? start : remedy,
  });
}
