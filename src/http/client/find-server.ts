import net from "node:net";

/** How long a server of this machine may take to say who it is, in milliseconds. */
const knockMs = 250;
const greetMs = 1_000;

/** The address of a server of ours that listens there; undefined where nobody does, or somebody else. Where nobody does it costs one refused connection. */
export async function findServer(address: {
  readonly host: string;
  readonly port: number;
}): Promise<string | undefined> {
  const host = reachable(address.host.replace(/^\[(.*)\]$/, "$1"));
  if (address.port === 0 || !(await knock(host, address.port))) return undefined;
  const url = `http://${net.isIPv6(host) ? `[${host}]` : host}:${address.port}`;
  return (await isOurs(url)) ? url : undefined;
}

/** Who listens on every address is reached by the loopback one. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function knock(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: knockMs });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.on("error", () => settle(false));
  });
}

/** Any program may listen there: no key is sent before it says that it is Modelyard. */
async function isOurs(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, {
      redirect: "error",
      signal: AbortSignal.timeout(greetMs),
    });
    const answer = (await response.json()) as { server?: unknown } | null;
    return answer?.server === "modelyard";
  } catch {
    // What does not answer so is something else.
    return false;
  }
}
