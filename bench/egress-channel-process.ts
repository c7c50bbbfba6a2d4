import { grantedHosts, noAppApi, openChannel, serveChannel } from '../src/egress/index.ts';
import { systemClock } from '../src/kit/index.ts';

/** The channel of the egress bench, in a process of its own as a runner's is: socket and entry come as arguments. */
const [path = '', entry = ''] = process.argv.slice(2);
const channel = openChannel({
  policy: grantedHosts([entry]),
  platform: noAppApi(),
  say: (line) => process.stderr.write(`${line}\n`),
  clock: systemClock,
  limits: { dialsPerSecond: 1e6, dialBurst: 1e6 },
});
await serveChannel(channel, path);
process.send?.('ready');
process.on('disconnect', () => process.exit());
