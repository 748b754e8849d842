import { describeChat } from "./openai/describe-chat.ts";
import { describeFailures } from "./openai/describe-failures.ts";
import { describeOtherRoutes } from "./openai/describe-other-routes.ts";
import { describeTools } from "./openai/describe-tools.ts";
import type { ServedPort } from "./serve-port.ts";

/** What OpenAI's own client does with the port. */
export function describeOpenAi(port: ServedPort): void {
  describeChat(port);
  describeTools(port);
  describeOtherRoutes(port);
  describeFailures(port);
}
