import fs from "node:fs";
import path from "node:path";

const contract = path.resolve(import.meta.dirname, "../../src/contract");

/** What `modelyard/backend` exports beside types: each with the first sentence of its comment. */
export function helperRows(): string[][] {
  const door = fs.readFileSync(path.join(contract, "index.ts"), "utf8");
  const exports = [...door.matchAll(/^export \{([^}]+)\} from "\.\/([^"]+)";/gm)];
  const rows = exports.flatMap(([, names = "", file = ""]) => {
    const source = fs.readFileSync(path.join(contract, file), "utf8");
    return names.split(",").flatMap((name): string[][] => {
      const meaning = meaningOf(name.trim(), source);
      return name.trim() === "" ? [] : [[`\`${name.trim()}\``, meaning]];
    });
  });
  return [["name", "is for"], ...rows.toSorted(([a = ""], [b = ""]) => a.localeCompare(b))];
}

function meaningOf(name: string, source: string): string {
  const declared = new RegExp(
    `/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport (?:async )?(?:const|function\\*?|class) ${name}\\b`,
  ).exec(source);
  const text = (declared?.[1] ?? "")
    .replaceAll(/^\s*\* ?/gm, " ")
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /^.*?[.:](?= [A-Z@`]| -|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
