import { describe, expect, it } from "vitest";
import type { Handlers } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { saying } from "../../gateway/__fixtures__/test-gateway.ts";
import { hello, serveBackend } from "../__fixtures__/serve-backend.ts";

const chatPath = "/v1/chat/completions";
const secret = "the-word-nobody-else-may-read";

describe("what can be watched", () => {
  it("counts calls under OpenTelemetry's names, and failures by code", async () => {
    const { post, url } = await serveBackend({
      async *chat(request, context) {
        if (context.model === "owner/m")
          throw new ModelyardError("content-filtered", `Not that: ${secret}.`);
        yield* saying("hi")(request, context);
      },
    });
    for (const model of ["test/m", "test/m", "test/owner/m"]) {
      const answer = await post(chatPath, { ...hello, model });
      await answer.text();
    }
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    const done =
      'gen_ai_operation_name="chat",gen_ai_provider_name="test",gen_ai_request_model="test/m",gen_ai_response_model="m",modelyard_backend="test"';
    expect(text).toContain(`gen_ai_client_operation_duration_seconds_count{${done}} 2`);
    expect(text).toContain(`gen_ai_client_operation_duration_seconds_bucket{${done},le="+Inf"} 2`);
    expect(text).toContain(
      'modelyard_calls_total{capability="chat",backend="test",outcome="done"} 2',
    );
    expect(text).toContain('modelyard_errors_total{backend="test",code="content-filtered"} 1');
    expect(text).toContain('modelyard_attempts_total{backend="test",outcome="done"} 2');
    expect(text).toContain('modelyard_backend_health{backend="test",status="healthy"} 1');
    expect(text).toContain('modelyard_calls_running{backend="test"} 0');
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).not.toContain(secret);
    // A second look says the same, and doubles nothing.
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'modelyard_errors_total{backend="test",code="content-filtered"} 1',
    );
  });

  it("takes no figure that is none, and goes on counting", async () => {
    const usage = { inputTokens: 7n, outputTokens: "3" } as object;
    const { post, url } = await serveBackend({
      async *chat() {
        yield { type: "finish", reason: "stop", usage };
      },
    });
    await (await post(chatPath, { ...hello, stream: true })).text();
    for (let look = 1; look <= 2; look += 1) {
      const text = await (await fetch(`${url}/metrics`)).text();
      expect(text).toContain(
        'modelyard_calls_total{capability="chat",backend="test",outcome="done"} 1',
      );
      expect(text).not.toMatch(/^gen_ai_client_token_usage\S* [^0]/m);
    }
  });

  it("names a configured model that fails all day, and no model that answered it", async () => {
    const models = [{ name: "assistant", targets: ["test/m"] }];
    const failing: Handlers = {
      async *chat(request, context) {
        if (context.stream) yield* saying("hi")(request, context);
        throw new ModelyardError("content-filtered", "Not that.");
      },
    };
    const { post, url } = await serveBackend(failing, {}, { models });
    await post(chatPath, { ...hello, model: "assistant" });
    const labels =
      'gen_ai_operation_name="chat",gen_ai_provider_name="test",gen_ai_request_model="assistant",error_type="content-filtered",modelyard_backend="test"';
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      `gen_ai_client_operation_duration_seconds_count{${labels}} 1`,
    );
  });

  it("tells the story of a call by its request's id, without a word of it", async () => {
    const { post, url } = await serveBackend({
      async *chat(request, context) {
        if (context.stream) yield* saying("hi")(request, context);
        throw new ModelyardError("content-filtered", `You said ${secret}.`);
      },
    });
    const messages = [{ role: "user", content: secret }];
    await post(chatPath, { ...hello, messages }, { headers: { "x-request-id": "mine" } });
    const text = await (await fetch(`${url}/api/calls/mine`)).text();
    expect(JSON.parse(text)).toMatchObject({
      id: "mine",
      capability: "chat",
      requested: "test/m",
      outcome: "content-filtered",
      attempts: 1,
      steps: [{ did: "tried", target: "test/m", outcome: "content-filtered" }],
    });
    expect(text).not.toContain(secret);
  });

  it("knows a call by an id as long as one may be", async () => {
    const { post, url } = await serveBackend({ chat: saying("hi") });
    const id = "x".repeat(128);
    await post(chatPath, { ...hello, n: 2 }, { headers: { "x-request-id": id } });
    for (const each of [id, `${id}.1`])
      expect(await (await fetch(`${url}/api/calls/${each}`)).json()).toMatchObject({ id: each });
  });

  it("does not know every call", async () => {
    const { url } = await serveBackend({ chat: saying("hi") });
    const response = await fetch(`${url}/api/calls/nobody`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: "invalid-request", param: "id" },
    });
  });
});
