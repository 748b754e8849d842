import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import book from "../docs/.vitepress/config.ts";

const root = path.resolve(import.meta.dirname, "..");
const pages = [
  ...fs.readdirSync(root).filter((name) => name.endsWith(".md")),
  ...fs
    .readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith(".vitepress"))
    .map((name) => `docs/${name.replaceAll(path.sep, "/")}`),
];

const textOf = (page: string) =>
  fs.readFileSync(path.join(root, page), "utf8").replaceAll(/^```[^]*?^```/gm, "");

/** The anchors of a page, as GitHub and the book make them of its headings. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

interface Item {
  readonly link?: string;
  readonly items?: readonly Item[];
}
const linksIn = ({ link, items = [] }: Item): string[] => [
  ...(link === undefined ? [] : [link]),
  ...items.flatMap(linksIn),
];

describe("the book", () => {
  it.each(pages)("%s links to what there is", (page) => {
    const broken = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
      if (!fs.existsSync(path.join(root, target))) return [link];
      // What lies outside its folder is no page of the site.
      if (page.startsWith("docs/") && !target.startsWith("docs/")) return [link];
      return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [link];
    });
    expect(broken).toEqual([]);
  });

  it("names every page in its sidebar", () => {
    const { sidebar } = book.themeConfig as { sidebar: readonly Item[] };
    const named = sidebar.flatMap(linksIn).map((link) => `docs${link.replace(/\/$/, "/index")}.md`);
    const written = pages.filter((page) => page.startsWith("docs/") && page !== "docs/index.md");
    expect(named.toSorted()).toEqual(written.toSorted());
  });
});
