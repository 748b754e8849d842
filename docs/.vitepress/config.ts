import { defineConfig, type DefaultTheme } from "vitepress";

/** A page of the book: its title in the sidebar, and its file without `.md`. */
const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link });

/** The book's order. A page that is not named here is not found by anyone: test/docs.test.ts holds it to the folder. */
const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Beginning",
    items: [page("Start", "/start"), page("Concepts", "/concepts"), page("Recipes", "/recipes")],
  },
  {
    text: "Backends",
    items: [
      page("What each can do", "/backends"),
      page("llama-cpp", "/backends/llama-cpp"),
      page("huggingface", "/backends/huggingface"),
      page("ollama", "/backends/ollama"),
      page("openai-compatible", "/backends/openai-compatible"),
      page("ai-sdk", "/backends/ai-sdk"),
    ],
  },
  {
    text: "Ways to ask",
    items: [
      page("Clients of MCP", "/clients"),
      page("MCP", "/mcp"),
      page("The port", "/http"),
      page("The command line", "/cli"),
      page("The library", "/library"),
    ],
  },
  {
    text: "Running it",
    items: [
      page("Configuration", "/configuration"),
      page("Models", "/models"),
      page("Privacy", "/privacy"),
      page("Reliability", "/reliability"),
    ],
  },
  {
    text: "Extending it",
    items: [
      page("A backend in five minutes", "/extending/"),
      page("The contract", "/extending/contract"),
      page("Streaming", "/extending/streaming"),
      page("Errors of a backend", "/extending/errors"),
      page("Servers: keys, health, models", "/extending/servers"),
      page("A capability of your own", "/extending/capabilities"),
      page("Plugins", "/extending/plugins"),
      page("Testing a backend", "/extending/testing"),
      page("Good practice", "/extending/practice"),
      page("Helpers", "/extending/helpers"),
    ],
  },
  {
    text: "Reference",
    items: [
      page("Errors", "/errors"),
      page("Capabilities", "/reference/capabilities"),
      page("Configuration keys", "/reference/configuration"),
    ],
  },
];

export default defineConfig({
  title: "Modelyard",
  description: "Any model behind one MCP server; the same port speaks OpenAI's API.",
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
  },
});
