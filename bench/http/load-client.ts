import { Pool } from "undici";

/**
 * A client in a process of its own, so that its work is not counted. Told by a message to send so many requests, so many at a time; it
 * answers with how long they took, or with what went wrong.
 */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** What each answer must hold. */
  readonly expected: string;
  readonly requests: number;
  readonly atOnce: number;
}

export interface LoadFigures {
  readonly seconds: number;
  readonly medianMs: number;
}

async function send(order: LoadOrder): Promise<LoadFigures> {
  const { origin, pathname } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.atOnce });
  const headers = { "content-type": "application/json", ...order.headers };
  const times: number[] = [];
  let left = order.requests;
  const work = async () => {
    while (left-- > 0) {
      const sentAt = performance.now();
      const { body, statusCode } = await pool.request({
        method: "POST",
        path: pathname,
        headers,
        body: order.body,
      });
      const text = await body.text();
      times.push(performance.now() - sentAt);
      if (statusCode !== 200 || !text.includes(order.expected))
        throw new Error(`${order.url} answered ${statusCode}: ${text.slice(0, 300)}`);
    }
  };
  const startedAt = performance.now();
  try {
    await Promise.all(Array.from({ length: order.atOnce }, work));
  } finally {
    left = 0;
    await pool.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  times.sort((one, other) => one - other);
  return { seconds, medianMs: times[Math.floor(times.length / 2)] ?? Number.NaN };
}

process.on("message", (order: LoadOrder) => {
  send(order).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ problem: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
