import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ModelyardError } from "../../../contract/errors.ts";
import { runTokenCommand } from "./run-token-command.ts";

const never = new AbortController().signal;
const node = process.execPath;
/** Windows has neither the shell nor the process groups that some of these use. */
const posix = process.platform !== "win32";
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "modelyard-token-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function failureOf(command: string | readonly string[], timeoutMs?: number) {
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  const error = await runTokenCommand(command, never, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ModelyardError);
  expect(error).toMatchObject({
    code: "backend-unauthorized",
    remedy: expect.stringContaining("auth.command"),
  });
  return error as ModelyardError;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function pidIn(file: string): Promise<number> {
  return vi.waitFor(async () => {
    const pid = Number(await readFile(file, "utf8"));
    expect(pid).toBeGreaterThan(0);
    return pid;
  }, 5_000);
}

describe("a token command", () => {
  it("is a program and its arguments, read by no shell", async () => {
    const token = await runTokenCommand([node, "-p", "'$HOME; exit 1'"], never);
    expect(token).toEqual({ value: "$HOME; exit 1" });
  });

  it.runIf(posix)("is a line for the shell", async () => {
    const token = await runTokenCommand("printf abc | tr a-c x-z", never);
    expect(token).toEqual({ value: "xyz" });
  });

  it("tells when its token expires", async () => {
    const json = '{ "access_token": "abc", "expires_in": 3600 }';
    const token = await runTokenCommand([node, "-e", `console.log('${json}')`], never);
    expect(token.value).toBe("abc");
    expect(token.expiresAtMs).toBeGreaterThan(Date.now() + 3_500_000);
  });

  it("that fails is quoted with what it said last, never with what it printed", async () => {
    const script = `console.log("the-token"); console.error("the-token"); console.error("please log in"); process.exit(3)`;
    const error = await failureOf([node, "-e", script]);
    expect(error.message).toBe("The token command failed with exit code 3: please log in.");
    expect(inspect(error)).not.toContain("the-token");
  });

  it("that repeats its token among its complaints is not quoted", async () => {
    const script = `console.log("the-token"); console.error("refused: the-token"); process.exit(1)`;
    const error = await failureOf([node, "-e", script]);
    expect(error.message).toBe("The token command failed with exit code 1.");
  });

  it.each([
    ["prints nothing", "", "gives nothing"],
    ["prints JSON without a token", "console.log('{}')", "gives JSON that holds no token"],
    ["prints several lines", "console.log('secret-1\\nsecret-2')", "gives more than one line"],
    ["prints what no header carries", "console.log('secret-\\u{1F511}')", "gives characters"],
    [
      "prints without end",
      "(function go() { process.stdout.write('x'.repeat(1e5), go) })()",
      "prints without end",
    ],
  ])("that %s is said to", async (_name, script, said) => {
    const error = await failureOf([node, "-e", script]);
    expect(error.message).toContain(`The token command ${said}`);
    expect(inspect(error)).not.toMatch(/secret-/);
  });

  it("that is not there is said to be missing", async () => {
    const { message } = await failureOf(["no-such-program-of-modelyard"]);
    expect(message).toBe("The token command is not found.");
  });

  it.runIf(posix)("that the shell does not find is quoted with the shell's words", async () => {
    const { message } = await failureOf("no-such-program-of-modelyard");
    expect(message).toMatch(/exit code 127: .*not found/);
  });

  it.runIf(posix)("that hangs is ended with its children", async () => {
    const file = join(directory, "hangs");
    const error = await failureOf(`sleep 600 & echo $! > ${file}; wait`, 1_000);
    expect(error.message).toBe("The token command did not end within 1000 ms.");
    const pid = await pidIn(file);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
  });

  it.runIf(posix)("ends with the call that wants it", async () => {
    const file = join(directory, "aborted");
    const controller = new AbortController();
    const running = runTokenCommand(`sleep 600 & echo $! > ${file}; wait`, controller.signal).catch(
      (error: unknown) => error,
    );
    const pid = await pidIn(file);
    controller.abort(new ModelyardError("timeout", "Too late."));
    expect(await running).toMatchObject({ code: "timeout" });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
  });

  it.runIf(posix)(
    "that leaves something behind which holds its pipes is not waited for",
    async () => {
      const token = await runTokenCommand("sleep 3 & echo abc", never);
      expect(token).toEqual({ value: "abc" });
    },
  );

  it.runIf(posix)("ends with the process that runs it", async () => {
    const [file, script] = [join(directory, "orphan"), join(directory, "parent.ts")];
    const module = join(import.meta.dirname, "run-token-command.ts");
    await writeFile(
      script,
      `import { runTokenCommand } from ${JSON.stringify(module)};
       process.on("SIGTERM", () => process.exit(0));
       await runTokenCommand("sleep 600 & echo $! > ${file}; wait", new AbortController().signal);`,
    );
    const parent = spawn(node, [script], { stdio: "ignore" });
    const pid = await pidIn(file);
    parent.kill("SIGTERM");
    await once(parent, "exit");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000);
  });
});
