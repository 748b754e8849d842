// Runs a session in a terminal's stead and draws it: `npm run docs:session` writes docs/session.svg, the picture in the README.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url));
const columns = 78;

/** What is typed, and how many lines of the answer the picture has room for. */
const session: readonly (readonly [command: string, lines: number])[] = [
  ['modelyard classify --labels praise,complaint "The parcel came late and broken."', 2],
  ['modelyard chat --temperature 0 "Name the capital of France."', 2],
  ["modelyard backend new acme", 1],
  ['modelyard chat --plugin ./acme/acme.ts -m acme/small "good morning"', 2],
  ["modelyard backend test ./acme/acme.ts", 12],
];

interface Line {
  readonly kind: "typed" | "said";
  readonly text: string;
}

function record(): Line[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-session-"));
  try {
    return session.flatMap(([command, room]): Line[] => {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
      const program = [path.join(repository, "src/cli/main.ts"), ...words.slice(1)];
      const { stdout, stderr, status } = spawnSync(process.execPath, program, {
        cwd: folder,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${command}: exit code ${status}\n${stderr}`);
      const lines = stdout.trimEnd().split("\n").flatMap(wrap);
      // The end says what came of it.
      const shown =
        lines.length <= room || room < 4
          ? lines.slice(0, room)
          : [...lines.slice(0, room - 4), "  …", ...lines.slice(-3)];
      return [
        { kind: "typed", text: command },
        ...shown.map((text): Line => ({ kind: "said", text })),
        { kind: "said", text: "" },
      ];
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function wrap(line: string): string[] {
  return line === "" ? [""] : (line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? []);
}

const rowHeight = 19;
const margin = 18;
const barHeight = 30;

function draw(lines: readonly Line[]): string {
  const width = Math.ceil(columns * 8.2) + 2 * margin;
  const height = barHeight + lines.length * rowHeight + margin;
  const rows = lines.map(({ kind, text }, index) => {
    const y = barHeight + (index + 1) * rowHeight;
    const prompt = kind === "typed" ? `<tspan class="prompt">$ </tspan>` : "";
    return `  <text x="${margin}" y="${y}" class="${kind}" xml:space="preserve">${prompt}${escape(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A session with modelyard in a terminal">
  <style>
    rect { fill: #16181d; }
    text { font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #c9d1d9; }
    .typed { fill: #ffffff; font-weight: 600; }
    .prompt { fill: #7ee787; }
  </style>
  <rect width="${width}" height="${height}" rx="9"/>
  <circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="37" cy="16" r="5" fill="#febc2e"/><circle cx="54" cy="16" r="5" fill="#28c840"/>
${rows.join("\n")}
</svg>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const file = path.join(repository, "docs/session.svg");
fs.writeFileSync(file, draw(record()));
console.log(`${path.relative(process.cwd(), file)} is written.`);
