import { builtProgram } from "./built-program.ts";
import type { BarGroup } from "./row.ts";
import { startSession } from "./stdio-session.ts";

const mostTools = 8;
const mostTokens = 2000;
/** What a tokenizer makes of JSON, roughly. */
const bytesPerToken = 4;

/** What the list of tools costs every assistant that connects. */
export const toolList: BarGroup = async () => {
  const session = await startSession([await builtProgram(), "mcp"]);
  const { tools } = (await session.ask("tools/list")) as { tools: unknown[] };
  await session.close();
  const tokens = Math.ceil(Buffer.byteLength(JSON.stringify(tools)) / bytesPerToken);
  return [
    {
      what: "tools listed",
      ours: String(tools.length),
      bar: `≤ ${mostTools}`,
      met: tools.length <= mostTools,
    },
    {
      what: "tools listed, bytes of the JSON / 4",
      ours: `${tokens} tokens`,
      bar: `≤ ${mostTokens.toLocaleString("en")}`,
      met: tokens <= mostTokens,
    },
  ];
};
