import type {
  PrivacySurvey,
  SurveyedAlias,
  SurveyedBackend,
  SurveyedTarget,
} from "../../gateway/privacy-survey.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";

const reasons: Readonly<Record<SurveyedBackend["because"], string>> = {
  address: "its address",
  declared: "declared in the configuration",
  "sends-nothing": "sends nothing",
  "sends-by-itself": "sends by means of its own",
  "unknown-address": "no address, or none that can be resolved",
};

const columns: readonly Column<SurveyedBackend>[] = [
  { title: "BACKEND", cell: ({ name }) => name },
  { title: "REACHES", cell: ({ privacy }) => privacy },
  { title: "BECAUSE", cell: describeReason },
  { title: "WHERE", cell: describePlace },
  { title: "NOT USED", cell: ({ excluded = "" }) => excluded },
];

/** Where prompts can go, for a person. */
export function describePrivacy(
  { allow, backends, aliases, keys }: PrivacySurvey,
  bold: (text: string) => string,
): string {
  const parts = [
    `No prompt goes further than ${bold(allow)} (privacy.allow); a call may ask for less.`,
    formatTable(columns, backends, bold),
    ...aliases.map((alias) => describeAlias(alias, bold)),
    ...(keys.length === 0
      ? []
      : [
          keys
            .map(({ name, privacy }) => `The key ${name} goes no further than ${privacy}.`)
            .join("\n"),
        ]),
  ];
  return parts.join("\n\n");
}

function describeReason({ because, passedOver }: SurveyedBackend): string {
  const reason = reasons[because];
  return passedOver === undefined
    ? reason
    : `${reason} (the narrower ${passedOver} of its entry is passed over)`;
}

function describePlace({ host, addresses, proxy }: SurveyedBackend): string {
  if (host === undefined) return "";
  const resolved = addresses?.filter((address) => !host.includes(address)) ?? [];
  const where = resolved.length === 0 ? host : `${host} (${resolved.join(", ")})`;
  return proxy === undefined ? where : `${where} by the proxy ${proxy}`;
}

function describeAlias(
  { name, privacy, allowWider, targets }: SurveyedAlias,
  bold: (text: string) => string,
): string {
  const reach = privacy === undefined ? "goes nowhere" : `reaches ${privacy}`;
  const wider = allowWider ? " (allowWider)" : "";
  return [`${bold(name)} ${reach}${wider}`, ...targets.map(describeTarget)].join("\n");
}

function describeTarget({ model, privacy, host, proxy, excluded }: SurveyedTarget): string {
  const where = [privacy, host, proxy === undefined ? undefined : `by the proxy ${proxy}`];
  const line = `  ${excluded === undefined ? "→" : "✗"} ${[model, ...where].filter(Boolean).join("  ")}`;
  return excluded === undefined ? line : `${line}  not used: ${excluded}`;
}
