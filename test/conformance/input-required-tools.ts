import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  type CallToolResult,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  type InputRequests,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { McpTool } from "../../src/mcp/tool.ts";
import { text } from "./content-tools.ts";

type Outcome = CallToolResult | ReturnType<typeof inputRequired>;

/** What a tool that asks in several rounds remembers between them; signed, as the client carries it. */
export const stateCodec = createRequestStateCodec<{ round: number }>({
  key: crypto.getRandomValues(new Uint8Array(32)),
});

/** Tools of the 2026 era that answer with a question first. */
export const inputRequiredTools: readonly McpTool[] = [
  tool("test_input_required_result_elicitation", async ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, "user_name", named("name"));
    return answer === undefined
      ? inputRequired({ inputRequests: { user_name: question("What is your name?", "name") } })
      : done(`Hello, ${answer["name"]}!`);
  }),
  tool("test_streaming_elicitation", async () =>
    inputRequired({ inputRequests: { user_name: question("What is your name?", "name") } }),
  ),
  tool("test_input_required_result_sampling", async ({ mcpReq }) =>
    mcpReq.inputResponses?.["capital_question"] === undefined
      ? inputRequired({ inputRequests: { capital_question: sampling("What is the capital?") } })
      : done(JSON.stringify(mcpReq.inputResponses["capital_question"])),
  ),
  tool("test_input_required_result_list_roots", async ({ mcpReq }) =>
    mcpReq.inputResponses?.["client_roots"] === undefined
      ? inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
      : done(JSON.stringify(mcpReq.inputResponses["client_roots"])),
  ),
  tool("test_input_required_result_request_state", (context) => askToConfirm(context, "state-ok")),
  tool("test_input_required_result_tampered_state", (context) => askToConfirm(context, "ok")),
  tool("test_input_required_result_multiple_inputs", async ({ mcpReq }) => {
    const inputRequests = {
      user_name: question("What is your name?", "name"),
      greeting: sampling("Generate a greeting"),
      client_roots: inputRequired.listRoots(),
    };
    const answered = Object.keys(mcpReq.inputResponses ?? {});
    if (Object.keys(inputRequests).every((key) => answered.includes(key)))
      return done("All three are answered.");
    return inputRequired({ inputRequests, requestState: await stateCodec.mint({ round: 1 }) });
  }),
  tool("test_input_required_result_multi_round", async ({ mcpReq }) => {
    const round = mcpReq.requestState<{ round: number }>()?.round ?? 0;
    if (round === 0) return nextRound(1, { step1: question("Step 1: What is your name?", "name") });
    if (round === 1)
      return nextRound(2, { step2: question("Step 2: What is your favorite color?", "color") });
    return done("Two rounds are over.");
  }),
  tool("test_input_required_result_capabilities", async ({ mcpReq }) => {
    const capabilities: ClientCapabilities =
      mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY as keyof typeof mcpReq.envelope] ?? {};
    const inputRequests: InputRequests = {};
    if (capabilities.sampling !== undefined) inputRequests["greeting"] = sampling("Say hello");
    if (capabilities.elicitation !== undefined)
      inputRequests["user_name"] = question("What is your name?", "name");
    return Object.keys(inputRequests).length === 0
      ? done("There is nothing that I may ask.")
      : inputRequired({ inputRequests });
  }),
];

/** A form with one text. */
export function question(message: string, field: string) {
  return inputRequired.elicit({ message, requestedSchema: form(field, { type: "string" }) });
}

/** What comes back from {@link question}. */
export function named(field: string) {
  return z.object({ [field]: z.string() });
}

type Form = ElicitRequestFormParams["requestedSchema"];

function form(field: string, kind: Form["properties"][string]): Form {
  return { type: "object", properties: { [field]: kind }, required: [field] };
}

function sampling(prompt: string) {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: prompt } }],
    maxTokens: 100,
  });
}

async function askToConfirm({ mcpReq }: ServerContext, reply: string): Promise<Outcome> {
  if (mcpReq.requestState() !== undefined && mcpReq.inputResponses?.["confirm"] !== undefined)
    return done(reply);
  const confirm = inputRequired.elicit({
    message: "Please confirm",
    requestedSchema: form("ok", { type: "boolean" }),
  });
  return nextRound(1, { confirm });
}

async function nextRound(round: number, inputRequests: InputRequests): Promise<Outcome> {
  return inputRequired({ inputRequests, requestState: await stateCodec.mint({ round }) });
}

function done(value: string): CallToolResult {
  return { content: [text(value)] };
}

function tool(name: string, ask: (context: ServerContext) => Promise<Outcome>): McpTool {
  return {
    definition: { name, description: "A fixture.", inputSchema: { type: "object" } },
    call: (_, { context }) => ask(context),
  };
}
