import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { systemClock } from '../kit/index.ts';
import { emptyOffice } from '../state/index.ts';
import { createAuthenticator } from './credentials/authenticator.ts';
import { newToken } from './credentials/token.ts';
import { recogniseThrough } from './edge-credentials.ts';

test('tokens that are nobody’s open nothing and are not remembered', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live = { office: emptyOffice(), onEvent: () => () => {} };
  const recognise = recogniseThrough(createAuthenticator(live, { ...systemClock, note: () => {} }));
  const knock = (times: number) => {
    for (let count = 0; count < times; count += 1) {
      expect(recognise(`Bearer ${newToken()}`)?.principal).toBe(null);
    }
  };
  knock(2_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  knock(10_000);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});
