/** A failed connection in a few words. */
export function connectionProblem(error: unknown): string {
  const { code, message } = innermost(error);
  if (isUnasked(error))
    return "it sent what this client can't take: an unasked 100 Continue, or another protocol";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the name can't be resolved";
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "UND_ERR_CONNECT_TIMEOUT") return "it can't be reached";
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT")
    return "it does not answer a TLS handshake: perhaps it does not speak TLS";
  if (code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET")
    return "the connection was closed";
  if (code?.startsWith("ERR_SSL_") === true) return handshakeProblem(code);
  if (code !== undefined && /CERT|SIGNATURE|SELF_SIGNED/.test(code))
    return `its certificate is not trusted (${code}); NODE_EXTRA_CA_CERTS names a file of further authorities`;
  return message;
}

/** OpenSSL's own words are of several lines, with addresses in them. */
function handshakeProblem(code: string): string {
  if (/WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST/.test(code)) return "it does not speak TLS there";
  if (!code.includes("ALERT")) return `TLS failed (${code})`;
  return `it refused the TLS handshake (${code}): perhaps it asks for a client certificate`;
}

/** Whether a server did answer, and undici closed the connection: it takes neither a 100 nor a 101 that was not asked for. */
export function isUnasked(error: unknown): boolean {
  const { code, message } = innermost(error);
  return code === "UND_ERR_SOCKET" && (message === "bad response" || message === "bad upgrade");
}

/** The code of a failed connection, whatever wraps it. */
export function connectionCode(error: unknown): string | undefined {
  return innermost(error).code;
}

function innermost(error: unknown): { code?: string; message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === undefined && error.cause instanceof Error) return innermost(error.cause);
  return { ...(code === undefined ? {} : { code }), message: error.message || String(code) };
}
