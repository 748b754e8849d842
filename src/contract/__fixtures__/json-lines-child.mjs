// A child process that answers JSON lines, in every way that the test wants: `request.do` says how.
import { createInterface } from "node:readline";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const counting = new Map();

const answers = {
  say(id, { text, times = 1 }) {
    for (let index = 0; index < times; index++) say({ type: "event", id, event: { text, index } });
    say({ type: "end", id });
  },
  count(id) {
    let count = 0;
    counting.set(
      id,
      setInterval(() => say({ type: "event", id, event: { count: count++ } }), 5),
    );
  },
  fail(id, { error }) {
    say({ type: "error", id, error });
  },
  stray(id) {
    process.stdout.write("not JSON at all\n\n");
    say({ type: "event", id: 4711, event: {} });
    say({ type: "end", id });
  },
  counting(id) {
    say({ type: "event", id, event: { counting: counting.size } });
    say({ type: "end", id });
  },
  crash(_id, { text }) {
    process.stderr.write(`something is wrong with ${text}\nthe last line\n`);
    process.exit(3);
  },
  endless() {
    const piece = "x".repeat(2 ** 20);
    for (let index = 0; index < 70; index++) process.stdout.write(piece);
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { type, id, request } = JSON.parse(line);
    if (type === "request") return answers[request.do](id, request);
    clearInterval(counting.get(id));
    counting.delete(id);
    say({ type: "end", id });
  })
  .on("close", () => {
    if (process.env["STUBBORN"] === undefined) process.exit(0);
    setInterval(() => {}, 1_000);
  });
