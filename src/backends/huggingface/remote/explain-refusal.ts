import { isModelyardError, ModelyardError } from "../../../contract/errors.ts";

/** Whom a request was sent to, and whether with a token. */
export interface Asked {
  readonly isRouter: boolean;
  readonly hasToken: boolean;
}

/** The permission of a fine-grained token, as the hub's settings name it. */
const permission = "Make calls to Inference Providers";

/** The same error, and where the server refused who we are, what to do about it. */
export function explainRefusal(error: unknown, asked: Asked): unknown {
  if (!isModelyardError(error) || error.code !== "backend-unauthorized") return error;
  const { code, message, backend, model, retryAfterMs, details } = error;
  const remedy = remedyOf(message, details?.["status"], asked);
  return new ModelyardError(code, message, {
    remedy,
    backend,
    model,
    retryAfterMs,
    details,
    cause: error,
  });
}

/** Before anything is sent: Inference Providers take no call without a token. */
export function missingToken(): ModelyardError {
  return new ModelyardError(
    "backend-unauthorized",
    "Inference Providers need a token of the Hugging Face hub, and there is none.",
    {
      remedy: `Set HF_TOKEN, or "token" of this backend, to a token with the permission "${permission}".`,
    },
  );
}

function remedyOf(message: string, status: unknown, { isRouter, hasToken }: Asked): string {
  if (/\bgated\b|restricted|awaiting|access to (this )?model/i.test(message))
    return 'Ask for access on the model\'s page at the hub, and give a token of that account: HF_TOKEN, or "token" of this backend.';
  if (status === 402 || /credit|billing|payment/i.test(message))
    return 'The account has no credit left: buy some, or let an organisation pay ("billTo").';
  if (!isRouter)
    return hasToken
      ? 'Check "token" of this backend: it is not the one that this server takes.'
      : 'Give the token that this server takes: "token" of this backend. HF_TOKEN is sent to Hugging Face\'s own addresses alone.';
  if (!hasToken) return missingToken().remedy ?? "";
  return `Check HF_TOKEN, or "token" of this backend: it must be valid and have the permission "${permission}".`;
}
