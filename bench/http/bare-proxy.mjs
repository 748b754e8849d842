// The alternative to `modelyard serve`: Fastify and undici, the body parsed and written again, a stream's events each read and written.
// Plain JavaScript, as it would be shipped. `node bare-proxy.mjs <port> <base URL of the upstream>`
import { createParser } from "eventsource-parser";
import Fastify from "fastify";
import { Agent } from "undici";

const [port, baseUrl] = process.argv.slice(2);
const { origin, pathname } = new URL(baseUrl);
const path = `${pathname}/chat/completions`;
const agent = new Agent();
const server = Fastify();

server.get("/ready", async () => ({ status: "ready" }));

server.post("/v1/chat/completions", async (request, reply) => {
  const { statusCode, body } = await agent.request({
    origin,
    path,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request.body),
  });
  if (request.body.stream !== true) return reply.code(statusCode).send(await body.json());
  reply.hijack();
  return pipeEvents(body, reply.raw, statusCode);
});

async function pipeEvents(body, response, statusCode) {
  response.writeHead(statusCode, { "content-type": "text/event-stream" });
  let full = false;
  const parser = createParser({
    onEvent({ data }) {
      const text = data === "[DONE]" ? data : JSON.stringify(JSON.parse(data));
      full = !response.write(`data: ${text}\n\n`);
    },
  });
  const decoder = new TextDecoder();
  const gone = new Promise((resolve) => response.once("close", resolve));
  void gone.then(() => body.destroy());
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    if (full) await Promise.race([gone, new Promise((resolve) => response.once("drain", resolve))]);
    full = false;
  }
  response.end();
}

await server.listen({ host: "127.0.0.1", port: Number(port) });
