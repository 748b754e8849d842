import fs from "node:fs";

/** A member of an interface, as it stands in the source. */
interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly meaning: string;
}

const contract = new URL("../../src/contract/", import.meta.url);

/** The members of an interface of the contract, with what its comments say. @throws where there is none of this name */
export function memberRows(name: string, file = "backend.ts"): string[][] {
  const source = fs.readFileSync(new URL(file, contract), "utf8");
  const begin = new RegExp(`^export interface ${name}\\b[^]*?\\{\\n`, "m").exec(source);
  if (begin === null) throw new Error(`There is no interface ${name}.`);
  const from = begin.index + begin[0].length;
  const body = source.slice(from, source.indexOf("\n}", from));
  return [
    ["member", "needed", "meaning"],
    ...membersOf(body).map(({ name: member, optional, meaning }) => [
      `\`${member}\``,
      optional ? "" : "yes",
      meaning,
    ]),
  ];
}

/** Members of the interface itself stand two spaces in; what lies deeper is theirs. */
function membersOf(body: string): Member[] {
  const pattern = /^(?: {2}\/\*\*([^]*?)\*\/\n)? {2}(?:readonly )?(\w+)(\?)?(?:\(|:)/gm;
  return [...body.matchAll(pattern)].map(([, comment = "", name = "", optional]) => ({
    name,
    optional: optional !== undefined,
    meaning: comment
      .replaceAll(/^\s*\* ?/gm, " ")
      .replaceAll(/\{@link (\w+)\}/g, "`$1`")
      .replaceAll(/\s+/g, " ")
      .trim(),
  }));
}
