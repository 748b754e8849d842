import { afterAll, afterEach } from "vitest";
import { describeAiSdk } from "./describe-ai-sdk.ts";
import { describeLangChain } from "./describe-langchain.ts";
import { describeOpenAi } from "./describe-openai.ts";
import { servePort } from "./serve-port.ts";

// All clients share one port: the engines behind it take longer to start than all calls together.
const port = await servePort();
afterEach(() => port.upstream.use([]));
afterAll(() => port[Symbol.asyncDispose]());

describeOpenAi(port);
describeAiSdk(port);
describeLangChain(port);
