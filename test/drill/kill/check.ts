import { expectKept } from '../drill.ts';
import type { Follower, SeenEvent } from './follower.ts';
import type { Ledger } from './ledger.ts';
import type { Published } from './publisher.ts';
import type { Site } from './site.ts';

/** Every event of the log, page by page, from the office that has just opened. */
export async function readLog(site: Site): Promise<SeenEvent[]> {
  const events: SeenEvent[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const response = await site.once(`/v1/events?limit=1000&after=${after}`);
    expectKept(response.status === 200, `reading the log was answered with ${response.status}`);
    const page = (await response.json()) as { events: SeenEvent[]; next: number | null };
    events.push(...page.events);
    after = page.next;
  }
  return events;
}

/** No gap, no repeat: position n is the n-th event, and every id is there once. */
export function checkOrder(log: readonly SeenEvent[]): void {
  const misplaced = log.findIndex((event, index) => event.position !== index + 1);
  expectKept(misplaced === -1, () => `at place ${misplaced + 1} lies position ${log[misplaced]?.position}`);
  expectKept(new Set(log.map(({ id }) => id)).size === log.length, 'an id is there twice');
}

/** Every acknowledged append is there, at its position, with its content. */
export function checkPromises(log: readonly SeenEvent[], ledger: Ledger): void {
  for (const [id, { position, data }] of ledger.promised) {
    const found = log[position - 1];
    expectKept(found !== undefined, `acknowledged position ${position} is behind the head ${log.length}`);
    expectKept(found.id === id, `position ${position} was ${id}'s and is ${found.id}'s`);
    expectKept(JSON.stringify(found.data) === data, `position ${position} has another content`);
  }
}

/** What each follower was given is the log as its filter passes it, up to where it is. */
export function checkFollowers(log: readonly SeenEvent[], followers: readonly Follower[]): void {
  for (const follower of followers) {
    const expected = log.filter((event) => event.position > follower.from && follower.passes(event));
    const wrong = follower.seen.findIndex(
      (event, index) => event.position !== expected[index]?.position || event.id !== expected[index]?.id,
    );
    expectKept(wrong === -1, () => {
      const { position, id } = follower.seen[wrong] ?? {};
      return `a follower was given ${position} (${id}) where the log has ${expected[wrong]?.position} (${expected[wrong]?.id})`;
    });
  }
}

/** Of every push and every accepted deployment there is one, with one end. */
export function checkPublished(
  log: readonly SeenEvent[],
  published: readonly Published[],
  ended: boolean,
): void {
  for (const { app, versions, deployments } of published) {
    const logged = log.filter((event) => event.type === 'version_published' && event.data.app === app);
    const numbers = logged.map((event) => Number(event.data.version));
    const unanswered = numbers.length - versions.length;
    expectKept(
      unanswered === 0 || (unanswered === 1 && !ended),
      `pushed ${versions}, the log has ${numbers}`,
    );
    expectKept(
      versions.every((version, index) => numbers[index] === version),
      `pushed ${versions}, the log has ${numbers}`,
    );
    for (const id of deployments) {
      const of = (...types: string[]) =>
        log.filter((event) => types.includes(event.type) && event.data.deployment_id === id).length;
      expectKept(
        of('deployment_requested') === 1,
        `deployment ${id} was requested ${of('deployment_requested')} times`,
      );
      const ends = of('deployment_succeeded', 'deployment_failed');
      expectKept(ends === 1 || (ends === 0 && !ended), `deployment ${id} ended ${ends} times`);
    }
  }
}
