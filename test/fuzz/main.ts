/** `npm run fuzz [-- --minutes 5 --seed 7]`: random and changed input to the configuration, HTTP and stdio. */
import { parseArgs } from "node:util";
import { fuzzConfiguration, fuzzHttp, fuzzStdio } from "./fuzz.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const options = { seed, lastsMs: Number(values.minutes) * 60_000 };
process.stdout.write(`seed ${seed}\n`);
for (const [what, fuzz] of Object.entries({ fuzzConfiguration, fuzzHttp, fuzzStdio })) {
  const { tried, problems } = await fuzz(options);
  process.stdout.write(`${what}: ${tried} inputs, ${problems.length} problems\n`);
  for (const problem of problems.slice(0, 20)) process.stdout.write(`  ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
