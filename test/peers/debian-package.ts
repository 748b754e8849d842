import { ingredientCommand } from "./ingredient-command.ts";
import { MissingIngredient } from "./missing-ingredient.ts";

/** Has a package of Debian there: installs it where it is not, which needs apt-get and root. */
export async function debianPackage(name: string): Promise<void> {
  if (await isInstalled(name)) return;
  if (process.getuid?.() !== 0)
    throw new MissingIngredient(`the package ${name} is not installed, and apt-get needs root`);
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  const failure = `apt-get could not install ${name}`;
  const progress = `peers: installing the package ${name}`;
  await ingredientCommand("apt-get", ["update", "-q"], failure, { environment });
  await ingredientCommand(
    "apt-get",
    ["install", "-q", "-y", "--no-install-recommends", name],
    failure,
    { environment, progress },
  );
}

async function isInstalled(name: string): Promise<boolean> {
  const format = "--showformat=${db:Status-Status}";
  try {
    const status = await ingredientCommand("dpkg-query", ["--show", format, name], "not known");
    return status === "installed";
  } catch (error) {
    // dpkg fails for a package that it never heard of
    if (error instanceof MissingIngredient) return false;
    throw error;
  }
}
