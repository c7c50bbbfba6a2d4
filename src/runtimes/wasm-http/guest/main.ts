import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../kit/index.ts';
import { AppLog, type LogLine } from '../../app-log.ts';
import type { ComponentOrder, ServeComponent } from '../../boxed/guest/component-app.ts';
import { loadModule } from '../../boxed/guest/load-module.ts';
import type { GuestMessage } from '../../boxed/protocol.ts';
import { compileCore, instantiateOf, type LoadedArtifact } from '../load-artifact.ts';
import { startComponent } from '../start-component.ts';
import { guestChannel } from './guest-channel.ts';
import { reportFigures } from './report-figures.ts';

/** Characters of a line of the platform; the host takes no longer ones. */
const MAX_LINE = 8 * 1024;

/** Runs a component inside the box: the guest loads this program when it gets one. */
export const serveComponent: ServeComponent = async (order) => {
  const began = performance.now();
  const { program, env, secretFiles, say } = order;
  const log = new AppLog(writer(say), systemClock);
  const artifact = await loadArtifact(order);
  const { memoryMb, budgetBytes, fuelPerRequest, reuse, hasFiles } = program;
  const channel = guestChannel(order.channelPath, log);
  const app = await startComponent({
    ...{
      artifact,
      env,
      memoryMb,
      budgetBytes,
      fuelPerRequest,
      reuse,
      hasFiles,
      secretFiles,
      channel,
      log,
      began,
    },
  });
  const figures = reportFigures(() => app.stats(), say);
  figures.changed();
  return {
    answer(request, response) {
      figures.changed();
      app.serve(request, response);
    },
    async health() {
      const { reason } = await app.health();
      figures.tell();
      return reason;
    },
  };
};

/** Lines go out where those of any program do; those of the platform by the host. */
function writer(say: (message: GuestMessage) => Promise<void>): LogLine {
  return (origin, line) => {
    if (origin === 'platform') void say({ said: 'log', line: line.slice(0, MAX_LINE) });
    else process[origin].write(`${line}\n`);
  };
}

async function loadArtifact({ program, shelf, source }: ComponentOrder): Promise<LoadedArtifact> {
  const read = (name: string): Buffer => readFileSync(join(shelf, name));
  const cores = program.cores.map(({ name, file }) => [name, compileCore(read(file))] as const);
  const instantiate = instantiateOf(await loadModule(read(program.glue)));
  return {
    instantiate,
    cores: new Map(cores),
    handler: program.handler,
    mapPath: null,
    restorable: program.restorable,
    bundle: source,
  }; // the host has the map
}
