import { expect, test } from 'vitest';
import { eventsReference } from './testing/events-reference.ts';

test('docs/events.md says what the events are', async () => {
  await expect(eventsReference()).toMatchFileSnapshot('../../docs/events.md');
});
