import type { Log } from "../contract/backend.ts";
import type { Gateway } from "../gateway/api.ts";
import type { Configuration } from "../gateway/configuration.ts";
import { deferGateway, type DeferredGateway } from "../gateway/deferred-gateway.ts";
import type { ManagedGateway } from "../gateway/gateway.ts";
import type { Kinds } from "../plugins/kinds.ts";
import { checkRead, readKinds, type Wanted } from "./read-configuration.ts";

/** A gateway that was opened here, with what faces are not shown: a server's address stands beside the backends. */
export interface Opened {
  readonly gateway: ManagedGateway;
  /** Judges what the file says anew, before anything of it is taken. @throws ModelyardError `invalid-config` */
  accept(configuration: Configuration): void;
}

/** Those that are open, by what faces are given. */
export const opened = new WeakMap<Gateway, Opened>();

interface GatewayWanted extends Omit<Wanted, "again"> {
  log: Log;
  /** Whether a change of the configuration's file is taken while the gateway runs. */
  follow?: boolean | undefined;
  /** Whether a change of a plugin is taken too. Each of its backends then runs in a process of its own. */
  watch?: boolean | undefined;
}

/** A gateway as the configuration describes it, with a process wall around each engine; opened at the first need. */
export function deferredGateway(wanted: GatewayWanted): DeferredGateway {
  return deferGateway(() => openGateway(wanted));
}

async function openGateway(wanted: GatewayWanted): Promise<Gateway> {
  const { log, follow = false } = wanted;
  // Before any plugin is imported.
  if (wanted.watch === true) (await import("../plugins/kept-sources.ts")).keepSources();
  const { file, ...first } = await readGateway(wanted, wanted.config);
  const [{ createGateway }, { isolate }] = await Promise.all([
    import("../gateway/gateway.ts"),
    import("../engine/isolate.ts"),
  ]);
  const { configuration, kinds } = first;
  const gateway = createGateway({ configuration, ...kinds, file, log, isolate });
  const own: Opened = { gateway, accept() {} };
  opened.set(gateway, own);
  if (!follow || (file ?? first.files[0]) === undefined) return gateway;
  const [{ followConfiguration }, { sourceSignature }] = await Promise.all([
    import("../gateway/follow-configuration.ts"),
    import("../plugins/source-signature.ts"),
  ]);
  let former = kinds;
  const read = async () => {
    const next = await readGateway(wanted, file ?? wanted.config, former);
    own.accept(next.configuration);
    former = next.kinds;
    return next;
  };
  const end = followConfiguration({
    gateway,
    file,
    first,
    read,
    log,
    signatureOf: sourceSignature,
  });
  const followed: Gateway = {
    ...gateway,
    close(options) {
      end();
      return gateway.close(options);
    },
  };
  opened.set(followed, own);
  return followed;
}

/** What a gateway works with, read for the first time or once more; its kinds are `former` itself where no plugin has changed since. */
async function readGateway(
  { plugins, watch = false, log }: GatewayWanted,
  config: Wanted["config"],
  former?: Kinds,
) {
  const again = former === undefined ? "none" : watch ? "all" : "refused";
  const read = await readKinds({ config, plugins, again });
  const { kinds, ...found } = await checkRead(read).catch(async (error: unknown) => {
    if (former === undefined) throw error;
    const { blameChanged } = await import("../plugins/blame-changed.ts");
    throw blameChanged(error, read.kinds, former, log);
  });
  const isPlain = [kinds, former].every((each) => !each?.plugins.length && !each?.setAside.length);
  if (isPlain) return { ...found, kinds: former ?? kinds, files: [] };
  const { isolateKinds, takeKinds } = await import("../plugins/take-kinds.ts");
  const next = watch ? isolateKinds(kinds) : kinds;
  return { ...found, kinds: takeKinds(next, former, log), files: watch ? kinds.files : [] };
}
