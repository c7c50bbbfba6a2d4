import { type AppChannel, grantedHosts, noAppApi, openChannel } from '../../src/egress/index.ts';
import { type EgressAttack, scriptedResolver, withPort } from '../../src/egress/testing/index.ts';
import { type Canaries, openCanaries } from './canaries.ts';
import { type GrantedServer, openGrantedServer } from './granted-server.ts';
import { openToAll } from './open-to-all.ts';

/** What an attempt is granted, and what the names mean while it lasts. */
export type Scene = Pick<EgressAttack, 'granted' | 'addresses'>;

/** Everything around the apps that attack: their channel, what it leads to, and what it must not lead to. */
export interface World extends AsyncDisposable {
  readonly canaries: Canaries;
  readonly server: GrantedServer;
  /** The channel of the app that is tried. */
  readonly channel: AppChannel;
  /** What the channel has said on the app's log since the scene was set. */
  readonly said: readonly string[];
  /** Forgets what was, and grants that and nothing else. */
  set(scene: Scene): void;
  /** Takes back what is granted. */
  revoke(): void;
  /** Puts the ports into a text of the tables. */
  fill(text: string): string;
}

/** Bounds that are reached soon. */
const SOON = { headMs: 200, connectMs: 5_000 };
/** Longer than the log keeps quiet about what it has said. */
const QUIET_MS = 120_000;

/** @param wall `none`: a channel that lets everything through, to see that the attacks would come through */
export async function openWorld(wall: 'egress' | 'none' = 'egress'): Promise<World> {
  const canaries = await openCanaries(wall === 'none');
  const server = await openGrantedServer();
  const policy = grantedHosts();
  const said: string[] = [];
  let now = 0;
  let resolve = scriptedResolver();
  const fill = (text: string): string =>
    withPort(text, canaries.port)
      .replaceAll('{other}', String(canaries.otherPort))
      .replaceAll('{http}', String(server.httpPort))
      .replaceAll('{https}', String(server.httpsPort));
  return {
    canaries,
    server,
    said,
    fill,
    channel:
      wall === 'none'
        ? openToAll(canaries.port, [canaries.otherPort, server.httpPort, server.httpsPort])
        : openChannel({
            policy,
            platform: noAppApi(),
            say: (line) => said.push(line),
            clock: { now: () => now },
            resolve: (name) => resolve(name),
            limits: SOON,
          }),
    set(scene) {
      resolve = scriptedResolver(scene.addresses);
      policy.set(scene.granted.map(fill)); // breaks off what is left of the scene before
      now += QUIET_MS;
      canaries.forget();
      said.length = 0;
    },
    revoke: () => policy.set([]),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await canaries[Symbol.asyncDispose]();
    },
  };
}
