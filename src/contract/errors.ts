import { canBeRead, describeWordless, messageOfThrown } from "./message-of-thrown.ts";

/**
 * The one table of error codes: read by the pipeline (retry, fallback), by every face, and by the docs.
 *
 * - `status`: the HTTP status a face answers with.
 * - `retryable`: the same request to the same target may succeed later.
 * - `fallback`: another target may succeed where this one failed.
 * - `meaning`: one sentence, for docs.
 */
export const errorCodes = {
  "invalid-config": entry(
    500,
    false,
    false,
    "The configuration has problems; each is listed with its path.",
  ),
  "invalid-request": entry(400, false, false, "The request is not one that the capability takes."),
  unauthorized: entry(401, false, false, "The caller gave no key, or one that is not known."),
  forbidden: entry(403, false, false, "The caller may not do this."),
  "backend-unauthorized": entry(
    502,
    false,
    true,
    "The backend refused the credentials it is configured with.",
  ),
  "model-not-found": entry(404, false, true, "No backend has a model of this name."),
  "capability-not-supported": entry(
    400,
    false,
    true,
    "The model or its backend can't do what was asked.",
  ),
  "context-length-exceeded": entry(
    400,
    false,
    true,
    "The input does not fit into the model's context.",
  ),
  "content-filtered": entry(400, false, false, "The backend refused the content."),
  "privacy-violation": entry(
    403,
    false,
    true,
    "No target may be used under the privacy that holds for this call.",
  ),
  "rate-limited": entry(429, true, true, "The backend asks for fewer requests."),
  overloaded: entry(503, true, true, "Too many calls are waiting."),
  "backend-error": entry(502, true, true, "The backend failed while it worked on the request."),
  "backend-unavailable": entry(503, true, true, "The backend can't be reached or is not running."),
  "invalid-response": entry(502, true, true, "What the backend sent is not an answer."),
  "stream-interrupted": entry(502, true, true, "The answer broke off after it had begun."),
  timeout: entry(504, true, true, "A time limit passed."),
  cancelled: entry(499, false, false, "The caller gave up, or the model was unloaded."),
  "download-failed": entry(
    502,
    true,
    true,
    "A file could not be fetched, or is not the one that was promised.",
  ),
  "storage-failed": entry(507, false, true, "A file could not be read or written."),
  "insufficient-memory": entry(
    507,
    false,
    true,
    "The model does not fit into the memory that is allowed.",
  ),
  internal: entry(500, false, false, "A fault of Modelyard itself."),
} as const;

function entry(status: number, retryable: boolean, fallback: boolean, meaning: string) {
  return { status, retryable, fallback, meaning } as const;
}

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorOptions {
  /** What to do next, one sentence. */
  remedy?: string | undefined;
  /** Whose error it is, by its name in the configuration; added for a handler's error. */
  backend?: string | undefined;
  /** The model that was asked; added for a handler's error. */
  model?: string | undefined;
  /** How long to wait before trying again, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** Facts for programs: counts, nearest names, problems. Never a key, never a prompt. */
  details?: Record<string, unknown> | undefined;
  /** The error that it came of, for logs. */
  cause?: unknown;
}

const brand = Symbol.for("modelyard.error");

/** The one class of error. Use {@link isModelyardError} rather than `instanceof`: a plugin may bring its own copy of this package. */
export class ModelyardError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly remedy?: string;
  readonly backend?: string;
  readonly model?: string;
  readonly retryAfterMs?: number;
  readonly details?: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ModelyardError";
    this.code = code;
    if (options.remedy !== undefined) this.remedy = options.remedy;
    if (options.backend !== undefined) this.backend = options.backend;
    if (options.model !== undefined) this.model = options.model;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.details !== undefined) this.details = options.details;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  /** What crosses a process wall or a protocol: everything but stack and cause. */
  toJSON(): SerializedError {
    const { code, message, remedy, backend, model, retryAfterMs, details } = this;
    return { code, message, remedy, backend, model, retryAfterMs, details };
  }

  static fromJSON({ code, message, ...options }: SerializedError): ModelyardError {
    return new ModelyardError(
      Object.hasOwn(errorCodes, code) ? code : "internal",
      message,
      options,
    );
  }
}

export interface SerializedError extends Omit<ErrorOptions, "cause"> {
  code: ErrorCode;
  message: string;
}

/** True for an error of this class from any copy of the package. */
export function isModelyardError(error: unknown): error is ModelyardError {
  try {
    return typeof error === "object" && error !== null && brand in error;
  } catch {
    // A proxy that lets nobody ask is none of ours.
    return false;
  }
}

/** Any thrown value as a ModelyardError; one that is none already becomes `code`, keeping its message, where it has one, and being its cause, where that can be read. Never throws. */
export function toModelyardError(
  thrown: unknown,
  code: ErrorCode = "backend-error",
  options: ErrorOptions = {},
): ModelyardError {
  if (isModelyardError(thrown) && isWhole(thrown)) return thrown;
  const message = messageOfThrown(thrown);
  const cause = canBeRead(thrown) ? thrown : undefined;
  return message === undefined
    ? new ModelyardError(code, describeWordless(thrown), {
        remedy:
          "Throw an Error with a message, or a ModelyardError, whose code says what may be done.",
        cause,
        ...options,
      })
    : new ModelyardError(code, message, { cause, ...options });
}

/** What bears our mark may come from another copy of the package, or be dressed up as one of ours. */
function isWhole(error: ModelyardError): boolean {
  try {
    const { code, message } = error;
    if (!Object.hasOwn(errorCodes, code) || typeof message !== "string") return false;
    return error instanceof ModelyardError || canBeRead(error);
  } catch {
    // It is told by whatever of it can be read.
    return false;
  }
}

/** The same error where it says which backend and model it is from, else a copy that does: several calls may be told of one failure. */
export function placeError(
  error: ModelyardError,
  at: Pick<ErrorOptions, "backend" | "model">,
): ModelyardError {
  const { code, message, backend = at.backend, model = at.model } = error;
  // Its stack is put into words when it is first read, which costs more than all else of a call that an open circuit refuses.
  if (backend === error.backend && model === error.model) return error;
  const { remedy, retryAfterMs, details, cause } = error;
  const placed = new ModelyardError(code, message, {
    remedy,
    backend,
    model,
    retryAfterMs,
    details,
    cause,
  });
  if (error.stack !== undefined) placed.stack = error.stack;
  return placed;
}
