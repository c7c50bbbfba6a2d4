import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLogger } from '../kit/index.ts';
import { startGateway } from './index.ts';

test('it is healthy, and says plainly that integrations come later', async () => {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-gateway-'));
  const gateway = await startGateway({
    home,
    bind: { host: '127.0.0.1', port: 0 },
    nodeUrl: 'http://127.0.0.1:8090',
    logger: silentLogger(),
  });
  try {
    const health = await fetch(`${gateway.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const register = await fetch(`${gateway.url}/integrations/telegram/register`, {
      method: 'POST',
      body: '{}',
    });
    expect(register.status).toBe(501);
    expect(register.headers.get('content-type')).toBe('application/problem+json');
    expect(await register.json()).toMatchObject({ code: 'integrations_missing', status: 501 });
  } finally {
    await gateway.close();
    await rm(home, { recursive: true });
  }
});
