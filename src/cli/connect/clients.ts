/** A place on a machine: `~`, `%APPDATA%` and `$NAME/` at its beginning; one that begins with `.` lies in the project's folder. */
export type Place = string | Readonly<Record<"darwin" | "win32" | "linux", string>>;

/** A client of MCP, and how it is told of a server. Facts from its documentation of autumn 2026. */
export interface Client {
  /** As it is typed: `claude-desktop`. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  /** The file that names its servers. */
  readonly file: Place;
  /** Where it lies elsewhere when this variable names its folder. */
  readonly folderVariable?: string;
  readonly format: "json" | "toml";
  /** What the servers stand under in it. */
  readonly key: string;
  /** What stands beside `command` and `args`. */
  readonly stdio?: Readonly<Record<string, unknown>>;
  /** How the address of a running server is written; left out where the file takes none. */
  readonly http?: {
    readonly field: "url" | "serverUrl" | "httpUrl";
    readonly beside?: Readonly<Record<string, unknown>>;
  };
  /** What is there where it is installed, or in use. */
  readonly traces: readonly Place[];
  /** What makes it read the file anew. */
  readonly next: string;
  readonly docs: string;
}

/** A folder of settings, by the custom of each system. */
function settingsFolder(name: string): Readonly<Record<"darwin" | "win32" | "linux", string>> {
  return {
    darwin: `~/Library/Application Support/${name}`,
    win32: `%APPDATA%\\${name}`,
    linux: `~/.config/${name}`,
  };
}

function inFolder(name: string, file: string): Place {
  const { darwin, win32, linux } = settingsFolder(name);
  return {
    darwin: `${darwin}/${file}`,
    win32: `${win32}\\${file.replaceAll("/", "\\")}`,
    linux: `${linux}/${file}`,
  };
}

export const clients: readonly Client[] = [
  {
    name: "claude-desktop",
    title: "Claude Desktop",
    file: inFolder("Claude", "claude_desktop_config.json"),
    format: "json",
    key: "mcpServers",
    traces: [settingsFolder("Claude")],
    next: "Quit Claude Desktop and start it again.",
    docs: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
  },
  {
    name: "claude-code",
    title: "Claude Code",
    file: "./.mcp.json",
    format: "json",
    key: "mcpServers",
    stdio: { type: "stdio" },
    http: { field: "url", beside: { type: "http" } },
    traces: ["~/.claude", "~/.claude.json"],
    next: "Start claude in this folder, and allow the server when it asks.",
    docs: "https://code.claude.com/docs/en/mcp",
  },
  {
    name: "cursor",
    title: "Cursor",
    file: "~/.cursor/mcp.json",
    format: "json",
    key: "mcpServers",
    http: { field: "url" },
    traces: ["~/.cursor"],
    next: "Switch the server on in Cursor's settings, under MCP.",
    docs: "https://cursor.com/docs/context/mcp",
  },
  {
    name: "vscode",
    title: "VS Code",
    file: inFolder("Code", "User/mcp.json"),
    format: "json",
    key: "servers",
    stdio: { type: "stdio" },
    http: { field: "url", beside: { type: "http" } },
    traces: [inFolder("Code", "User")],
    next: "Start the server from the line over its entry, or with the command MCP: List Servers.",
    docs: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
  },
  {
    name: "windsurf",
    title: "Windsurf",
    file: "~/.codeium/windsurf/mcp_config.json",
    format: "json",
    key: "mcpServers",
    http: { field: "serverUrl" },
    traces: ["~/.codeium/windsurf"],
    next: "Press refresh in Cascade's list of MCP servers.",
    docs: "https://docs.windsurf.com/windsurf/cascade/mcp",
  },
  {
    name: "zed",
    title: "Zed",
    file: {
      darwin: "~/.config/zed/settings.json",
      win32: "%APPDATA%\\Zed\\settings.json",
      linux: "~/.config/zed/settings.json",
    },
    format: "json",
    key: "context_servers",
    http: { field: "url" },
    traces: [{ darwin: "~/.config/zed", win32: "%APPDATA%\\Zed", linux: "~/.config/zed" }],
    next: "Zed takes it at once; its agent panel shows the server.",
    docs: "https://zed.dev/docs/ai/mcp",
  },
  {
    name: "cline",
    title: "Cline",
    file: "~/.cline/data/settings/cline_mcp_settings.json",
    format: "json",
    key: "mcpServers",
    http: { field: "url", beside: { type: "streamableHttp" } },
    traces: ["~/.cline"],
    next: "Start cline again.",
    docs: "https://docs.cline.bot/mcp/mcp-overview",
  },
  {
    name: "lm-studio",
    title: "LM Studio",
    file: "~/.lmstudio/mcp.json",
    format: "json",
    key: "mcpServers",
    http: { field: "url" },
    traces: ["~/.lmstudio"],
    next: "Switch the server on in a chat, under Program.",
    docs: "https://lmstudio.ai/docs/app/mcp",
  },
  {
    name: "gemini-cli",
    title: "Gemini CLI",
    file: "~/.gemini/settings.json",
    format: "json",
    key: "mcpServers",
    http: { field: "httpUrl" },
    traces: ["~/.gemini"],
    next: "Start gemini again; /mcp shows the server.",
    docs: "https://geminicli.com/docs/tools/mcp-server",
  },
  {
    name: "codex",
    title: "Codex CLI",
    file: "~/.codex/config.toml",
    folderVariable: "CODEX_HOME",
    format: "toml",
    key: "mcp_servers",
    http: { field: "url" },
    traces: ["~/.codex"],
    next: "Start codex again; /mcp shows the server.",
    docs: "https://developers.openai.com/codex/mcp",
  },
  {
    name: "continue",
    title: "Continue",
    file: "./.continue/mcpServers/modelyard.json",
    format: "json",
    key: "mcpServers",
    http: { field: "url", beside: { type: "streamable-http" } },
    traces: ["~/.continue"],
    next: "Reload Continue; MCP servers are there in agent mode.",
    docs: "https://docs.continue.dev/customize/deep-dives/mcp",
  },
];
