import { ModelyardError } from "../errors.ts";
import { connectionCode, connectionProblem, isUnasked } from "./connection-problem.ts";
import { failedProxy, type Proxies } from "./proxies.ts";

/** No connection came to stand, or none that answered; `proxies` where the way led through one. */
export function unreachable(
  error: unknown,
  url: URL,
  proxies: Proxies | undefined,
): ModelyardError {
  const { host } = url;
  const proxy = proxies === undefined ? undefined : failedProxy(error, proxies);
  const problem = connectionProblem(error);
  const message =
    proxy === undefined
      ? `${host}: ${problem}.`
      : `${host}: the proxy ${proxy} can't be used: ${problem}.`;
  const remedy =
    proxies === undefined
      ? remedyFor(error, url)
      : "Check the address, and the proxy that the environment names; NO_PROXY excepts a host.";
  return new ModelyardError("backend-unavailable", message, { cause: error, remedy });
}

function remedyFor(error: unknown, { protocol }: URL): string {
  const code = connectionCode(error) ?? "";
  if (isUnasked(error))
    return "Check that server and what stands before it, and that this is its address.";
  if (/^ERR_SSL_.*ALERT/.test(code)) return "Name a client certificate that the server takes.";
  if (code.startsWith("ERR_SSL_") || code === "ERR_TLS_HANDSHAKE_TIMEOUT")
    return "Use http:// where the server speaks no TLS; else check the address.";
  if (/CERT|SIGNATURE|SELF_SIGNED/.test(code))
    return "Name the authority that signed it (tls.ca where the backend has it, or NODE_EXTRA_CA_CERTS), or use an address that it is made out to.";
  const where = "Check that the server runs, and that this is its address";
  if (protocol !== "https:") return `${where}.`;
  // Under TLS 1.3 a server hears of the certificate when the handshake is over, and just closes.
  return ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code)
    ? `${where}; one that asks for a client certificate closes the connection too, as does one that speaks no TLS (use http:// there).`
    : `${where}.`;
}
