import { expect, it } from 'vitest';
import { silentLogger } from '../kit/index.ts';
import type { LogStore, StoredEvent } from '../log/index.ts';
import { domainEvent } from '../state/index.ts';
import { followState } from './live-state.ts';

it('is current only once the fold holds what the log held when asked, however late the fold is', async () => {
  const joined = domainEvent(
    'supervisor_joined',
    { name: 'local', tags: ['wasm-http'] },
    { actor: 'supervisor:local', source: '/supervisors/local' },
  );
  const event: StoredEvent = { ...joined, specversion: '1.0', position: 1 };
  const released = Promise.withResolvers<void>();
  let head = 0;
  const log: LogStore = {
    append: () => Promise.reject(new Error('not used')),
    read: async () => ({ events: [], next: null, head, damaged: [] }),
    head: async () => head,
    putBlob: () => Promise.reject(new Error('not used')),
    readBlob: () => Promise.reject(new Error('not used')),
    close: async () => {},
    async *subscribe() {
      await released.promise;
      yield event;
    },
  };
  const live = await followState(log, silentLogger());
  head = 1; // appended and told to others, not folded here yet
  let isCurrent = false;
  const current = live.current().then(() => {
    isCurrent = true;
  });
  await new Promise((turn) => setImmediate(turn));
  expect(isCurrent).toBe(false);
  released.resolve();
  await current;
  expect([...live.office.supervisors.keys()]).toEqual(['local']);
  await live.close();
});
