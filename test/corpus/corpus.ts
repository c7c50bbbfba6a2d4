import type { EventDraft } from '../../src/log/index.ts';
import { corpusApp } from './apps.ts';
import { officeLife } from './office-life.ts';
import { CORPUS_EVENTS, planFor } from './plan.ts';
import { seededRandom } from './random.ts';
import { createSpeaker } from './speaker.ts';
import { traffic } from './traffic.ts';

/**
 * The fixed corpus: always the same events, half of them of class `traffic`, taking turns. A million of them tell of
 * 200 apps with 20,000 deployments; fewer tell of an office in proportion, not of the beginning of that one.
 *
 * @param count number of events
 */
export function* corpusEvents(count = CORPUS_EVENTS): Generator<EventDraft> {
  const plan = planFor(count);
  const apps = Array.from({ length: plan.apps }, (_, n) => corpusApp(n + 1));
  const say = createSpeaker();
  const office = officeLife(plan, apps, seededRandom(1), say);
  const outside = traffic(apps, seededRandom(2), say);
  for (let n = 0; n < count; n += 1) yield (n % 2 === 0 ? office : outside).next().value;
}
