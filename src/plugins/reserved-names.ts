/** Names that are ours whatever capabilities there are: tools and routes. The command line tells its own. */
export const reservedTools = ["list_models", "pull_model", "register_model", "remove_model"];

/** Routes that are ours, each with all that lies beneath it. */
export const reservedRoutes = ["/v1/models", "/api", "/mcp", "/health", "/ready", "/metrics"];
