import { Option } from "commander";

/** How far the prompt of one call may travel; the gateway holds it to the narrowest limit there is. */
export function privacyOption(): Option {
  return new Option("--privacy <class>", "how far the prompt may travel").choices([
    "device",
    "network",
    "remote",
  ]);
}
