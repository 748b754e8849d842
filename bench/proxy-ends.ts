import http from "node:http";
import { Pool } from "undici";

/**
 * The two ends of a proxied request, in a process of their own so that their work is not counted: an upstream that answers at once,
 * and a client. Told by messages: `{ port, requests, body }` sends that many requests to a port and says `{ done: true }`.
 */
const connections = 16;
const answer = JSON.stringify({ text: "Paris.", finishReason: "stop", usage: { outputTokens: 2 } });

const upstream = http.createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
});

upstream.listen(0, "127.0.0.1", () => {
  const address = upstream.address();
  if (typeof address === "object") process.send?.({ port: address?.port });
});

interface Order {
  readonly port: number;
  readonly requests: number;
  readonly body: string;
}

async function send({ port, requests, body }: Order): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections });
  let left = requests;
  const work = async () => {
    while (left-- > 0) {
      const { body: reply, statusCode } = await pool.request({
        method: "POST",
        path: "/chat",
        headers: { "content-type": "application/json" },
        body,
      });
      if (statusCode !== 200) throw new Error(`The proxy answered ${statusCode}.`);
      await reply.text();
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await pool.close();
  process.send?.({ done: true });
}

process.on("message", (order) => void send(order as Order));
process.on("disconnect", () => process.exit());
