/**
 * Runs the attacks as the user that it is started by, and prints what became of each, a line of JSON. A program of its own: it is
 * run as two users, it makes itself the parent of all that is started below it, and the source of an attack is what is sent inside.
 *
 * `run.ts <folder> attacks|attacks-once|holes [part of a name]`: in that folder, all cases, all but those that are played once, or
 * the proof that attacks are seen.
 */
import { type Attack, type Layer, layersOf } from './attack.ts';
import { throughNaive } from './cases/edge.ts';
import { AFTERWARDS, ATTACKS, casesOf, DRAMAS, MIXED_UP, SMUGGLED } from './cases/index.ts';
import { wrongAnswers } from './cases/protocol.ts';
import { adoptOrphans, descendantsOf, leftRunning } from './descendants.ts';
import { openNativeBox } from './inside/box.ts';
import { openHole } from './inside/hole.ts';
import type { Inside } from './inside/inside.ts';
import { openMixedUp } from './inside/mixed-up.ts';
import { type AttackedRunner, openRunners, type Runners } from './inside/runner.ts';
import { groupsOfBoxes, leftLying, leftSockets } from './left-lying.ts';
import { visitWhile } from './neighbour.ts';
import type { Drama, Outcome, Scene } from './scene.ts';
import { openWorld, type World } from './world.ts';

/** Milliseconds for one attack. */
const DEADLINE_MS = 10_000;
/** Milliseconds for a case with apps of its own. */
const DRAMA_MS = 45_000;
/** Milliseconds for what was ended to be gone. */
const GONE_MS = 5_000;

const [folder = '/tmp', what = 'attacks', only = ''] = process.argv.slice(2);
adoptOrphans();
if (what === 'holes') await tryHoles();
else await tryAll(what === 'attacks');
process.exit(0);

async function tryAll(playsAll: boolean): Promise<void> {
  await using world = await openWorld(folder);
  const runners = await openRunners(world);
  const neighbour = await runners.start('neighbour.mjs');
  const groups = await groupsOfBoxes(world.home);
  await tryAttacks(world, runners, neighbour);
  for (const [group, drama] of chosen(casesOf(DRAMAS)))
    if (playsAll || drama.isPlayedOnce !== true) await play(sceneOf(world, runners, neighbour), group, drama);
  const before = await leftLying(world.home, groups);
  await neighbour[Symbol.asyncDispose]();
  const unseen = before.length > 0 ? [] : ['of a box that runs nothing is seen'];
  say({ ...AFTERWARDS, layer: null, problems: [...unseen, ...(await leftLying(world.home, groups))], ms: 0 });
}

/** Every attack in one app and one box, which are made anew only when an attack ended them. */
async function tryAttacks(world: World, runners: Runners, neighbour: AttackedRunner): Promise<void> {
  const open: Readonly<Record<Layer, () => Promise<Inside>>> = {
    app: () => runners.start('attacker.mjs'),
    component: () => runners.start('escaped.mjs', { runtime: 'wasm-http' }),
    box: () => openNativeBox(world.home),
  };
  for (const layer of ['app', 'component', 'box'] as const) {
    let inside: Inside | null = null;
    for (const [group, attack] of chosen(casesOf(ATTACKS))) {
      if (!layersOf(attack).includes(layer)) continue;
      const started = performance.now();
      inside ??= await heard(open[layer]());
      const { problems, isSilent } = await attempt(world, inside, attack);
      if (isSilent) {
        await inside[Symbol.asyncDispose]();
        inside = null;
      }
      await neighbour
        .visit()
        .catch((error: Error) => problems.push(`the neighbour failed: ${error.message}`));
      say({ group, name: attack.name, layer, problems, ms: Math.round(performance.now() - started) });
    }
    await inside?.[Symbol.asyncDispose]();
  }
}

/** What is told there is done there, and its report comes out. */
async function heard(opened: Promise<Inside>): Promise<Inside> {
  const inside = await opened;
  const report = await inside.attack('() => "done"', {} as never, DEADLINE_MS);
  if (report === null || (JSON.parse(report) as { said?: unknown }).said !== 'done')
    throw new Error(`no attack is tried here: ${report}`);
  return inside;
}

async function play(scene: Scene, group: string, drama: Drama): Promise<void> {
  const known = new Set(descendantsOf(process.pid).map(({ pid }) => pid));
  const started = performance.now();
  const late = new Promise<string[]>((resolve) => {
    setTimeout(() => resolve([`it did not come to its end within ${DRAMA_MS} ms`]), DRAMA_MS).unref();
  });
  const played = drama.play(scene).catch((error: Error) => [`it went wrong: ${error.stack}`]);
  const problems = await Promise.race([played, late]);
  problems.push(...(await scene.world.look('')), ...(await leftRunning(known, GONE_MS)));
  // A runner that is killed leaves its sockets to whoever sweeps after it.
  if (group !== 'races') problems.push(...(await leftSockets(scene.world, 1)));
  say({ group, name: drama.name, layer: null, problems, ms: Math.round(performance.now() - started) });
}

/** The same attacks where a wall is missing, and cases in which something is wrong: here each of them must be seen. */
async function tryHoles(): Promise<void> {
  await using world = await openWorld(folder);
  for (const [group, attack] of chosen(casesOf(ATTACKS))) {
    if (attack.hole === undefined) continue;
    const started = performance.now();
    await using inside = await openHole(attack.hole);
    const { problems: seen } = await attempt(world, inside, attack);
    const problems = seen.length > 0 ? [] : [`without '${attack.hole}' it came through, and was not seen`];
    say({ group, name: attack.name, layer: 'box', problems, ms: Math.round(performance.now() - started) });
  }
  await using front = await openMixedUp();
  const wrong = await wrongAnswers(front, 2);
  const problems = wrong.length > 0 ? [] : ['visitors got what was meant for others, and it was not seen'];
  say({ ...MIXED_UP, layer: null, problems, ms: 0 });
  const smuggled = await throughNaive();
  const unseen = smuggled.length > 0 ? [] : ['a request came out of another, and it was not seen'];
  say({ ...SMUGGLED, layer: null, problems: unseen, ms: 0 });
}

/** @returns what is seen of the attack from outside and what it says of itself; silent: it gave no answer, having ended itself */
async function attempt(
  world: World,
  inside: Inside,
  { code, crossed }: Attack,
): Promise<{ readonly problems: string[]; readonly isSilent: boolean }> {
  const report = await inside.attack(code.toString(), world.targets(), DEADLINE_MS);
  const said = report === null ? undefined : (JSON.parse(report) as { said?: unknown }).said;
  const problems = [...(await world.look(report ?? '')), ...(crossed?.(said) ?? [])];
  return { problems, isSilent: report === null };
}

function sceneOf(world: World, runners: Runners, neighbour: AttackedRunner): Scene {
  return {
    world,
    runners,
    neighbour,
    openBox: () => openNativeBox(world.home),
    whileVisited: (action) => visitWhile(neighbour, action),
  };
}

function chosen<Case extends { readonly name: string }>(
  cases: readonly (readonly [string, Case])[],
): readonly (readonly [string, Case])[] {
  return cases.filter(([group, { name }]) => `${group}: ${name}`.includes(only));
}

function say(outcome: Outcome): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
