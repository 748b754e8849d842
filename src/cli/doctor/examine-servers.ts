import { isModelyardError } from "../../contract/errors.ts";
import { silentLog } from "../../contract/silent-log.ts";
import type { Survey, SurveyedServer } from "../../gateway/discovery/survey.ts";
import { listSome } from "../list-some.ts";
import type { Services, Source } from "../services.ts";
import type { Examination, Finding } from "./examine.ts";

/** What runs on this device: the servers that are known, how to use them, and what answers strangely. Those that are configured are examined as backends. */
export const examineServers: Examination = async (services, source) => {
  const { survey, discover } = await look(services, source);
  const { ports, found, strange } = survey;
  const unconfigured = found.filter(({ configured }) => !configured);
  const findings = [
    ...unconfigured.map((server) => findingOf(server, discover)),
    ...strange.map(strangeFinding),
  ];
  if (found.length > 0 || strange.length > 0) return findings;
  const message = `none runs on the usual ports of this device (${ports.toSorted((one, other) => one - other).join(", ")})`;
  return ports.length === 0 ? [] : [{ what: "Servers", status: "good", message }];
};

/** What is wrong with a configuration its own finding tells; the servers run nevertheless. */
async function look(
  services: Services,
  source: Source,
): Promise<{ survey: Survey; discover: boolean }> {
  try {
    const { discover } = await services.checkConfiguration(source);
    return { survey: await services.survey({ ...source, log: silentLog }), discover };
  } catch (error) {
    if (!isModelyardError(error) || error.code !== "invalid-config") throw error;
    return { survey: await services.survey({ config: false, log: silentLog }), discover: false };
  }
}

function findingOf({ name, url, models, entry }: SurveyedServer, discover: boolean): Finding {
  const what = `Server ${name}`;
  const count = models.length === 1 ? "1 model" : `${models.length} models`;
  if (models.length === 0) {
    return {
      what,
      status: "note",
      message: `runs at ${url}, and lists no model`,
      remedy: "Load or fetch one there: until then it can answer nothing.",
    };
  }
  const message = `runs at ${url} with ${count}: ${listSome(models.map((model) => model.name))}`;
  if (discover) return { what, status: "good", message };
  return {
    what,
    status: "note",
    message: `${message}; it is not used`,
    remedy: `To use it, add ${JSON.stringify(name)}: ${JSON.stringify(entry)} to backends in the configuration, or set "discover": true.`,
  };
}

function strangeFinding({ port, said }: Survey["strange"][number]): Finding {
  const entry = { type: "openai-compatible", baseUrl: `http://127.0.0.1:${port}/v1` };
  return {
    what: `Port ${port}`,
    status: "note",
    message: `a server ${said}: none of those that are known here`,
    remedy: `If it is a model server, it may still be starting, or be busy; else add it by hand, "my-server": ${JSON.stringify(entry)}. If it is something else, all is well.`,
  };
}
