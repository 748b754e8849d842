import type { Capability } from "../../contract/backend.ts";
import type { ListedModel, ShowAnswer } from "./api.ts";

/** What Ollama says of one model. */
export interface ModelDescription {
  readonly capabilities: readonly Capability[];
  /** Whether it reads images, calls tools, thinks before it answers. */
  readonly sees: boolean;
  readonly usesTools: boolean;
  readonly thinks: boolean;
  /** Whether it can be told how much to think, and can't be told not to. */
  readonly thinksInLevels: boolean;
  /** It runs in a cloud; this Ollama only hands on. */
  readonly isRemote: boolean;
  /** The window that it was trained for, in tokens. */
  readonly trainedTokens?: number;
  /** The window that its Modelfile sets, in tokens. */
  readonly modelfileTokens?: number;
  /** Texts at which its Modelfile ends an answer; a request's own would take their place. */
  readonly stops: readonly string[];
  readonly summary?: string;
  readonly licence?: string;
}

/** What `/api/show` says, as what a model can do. */
export function toDescription(name: string, show: ShowAnswer): ModelDescription {
  const info = show.model_info ?? {};
  const architecture = String(info["general.architecture"] ?? "");
  const abilities = show.capabilities ?? olderAbilities(info, architecture);
  const trainedTokens = info[`${architecture}.context_length`];
  const modelfileTokens = Number(parameters(show, "num_ctx")[0]);
  const { parameter_size: size, quantization_level: precision } = show.details ?? {};
  const summary = [size, precision].filter((each) => each !== undefined && each !== "").join(", ");
  const licence = info["general.license"];
  return {
    capabilities: [
      ...(abilities.includes("completion") ? (["chat", "completion"] as const) : []),
      ...(abilities.includes("embedding") ? (["embedding"] as const) : []),
    ],
    sees: abilities.includes("vision"),
    usesTools: abilities.includes("tools"),
    thinks: abilities.includes("thinking"),
    thinksInLevels: architecture === "gptoss",
    isRemote: isRemote({ ...show, name }),
    ...(typeof trainedTokens === "number" ? { trainedTokens } : {}),
    ...(modelfileTokens > 0 ? { modelfileTokens } : {}),
    stops: parameters(show, "stop"),
    ...(summary === "" ? {} : { summary }),
    ...(typeof licence === "string" ? { licence } : {}),
  };
}

/** Whether a model runs in a cloud, as its listing or its name says. */
export function isRemote({
  name,
  remote_model: model,
  remote_host: host,
}: Pick<ListedModel, "name" | "remote_model" | "remote_host">): boolean {
  return Boolean(model) || Boolean(host) || /[:-]cloud$/i.test(name);
}

/** An Ollama before 0.6.4 names no capabilities: a model that pools is for embedding. */
function olderAbilities(info: Record<string, unknown>, architecture: string): string[] {
  if (architecture === "") return [];
  return `${architecture}.pooling_type` in info ? ["embedding"] : ["completion"];
}

/** The values of one parameter of a Modelfile: lines of a name, spaces and a value, which may be quoted. */
function parameters({ parameters: lines = "" }: ShowAnswer, name: string): string[] {
  return lines.split("\n").flatMap((line) => {
    const [, key, value = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return key === name ? [unquoted(value)] : [];
  });
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1); // Go quotes some characters as JSON does not
  }
}
