import { expect, it } from 'vitest';
import { silentLogger } from '../kit/index.ts';
import type { StoredEvent, Watch } from '../log/index.ts';
import { domainEvent } from '../state/index.ts';
import { followState } from './live-state.ts';

it('is current only once the fold holds what the log held when asked, however late the fold is', async () => {
  const joined = domainEvent(
    'supervisor_joined',
    { name: 'local', tags: ['wasm-http'] },
    { actor: 'supervisor:local', source: '/supervisors/local' },
  );
  const event: StoredEvent = { ...joined, specversion: '1.0', position: 1 };
  let arrived = () => {};
  let released = false;
  let head = 0;
  const watch: Watch = {
    take() {
      if (!released) return null;
      released = false;
      return event;
    },
    ended: null,
    close: () => {},
  };
  const log: Parameters<typeof followState>[0] = {
    read: async () => ({ events: [], next: null, head, damaged: [] }),
    head: async () => head,
    watch(_query, signal, call) {
      arrived = call;
      signal.addEventListener('abort', () => {
        Object.assign(watch, { ended: { error: null } });
        call();
      });
      return watch;
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
  released = true;
  arrived();
  await current;
  expect([...live.office.supervisors.keys()]).toEqual(['local']);
  await live.close();
});
