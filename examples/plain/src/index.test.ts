import { equal } from 'node:assert/strict';
import test from 'node:test';
import app from './index.ts';

test('it answers', async () => {
  const answer = await app.fetch(new Request('http://app/'));
  equal(await answer.text(), 'Hello from Tabbify\n');
});

test('it says what is not there', async () => {
  equal((await app.fetch(new Request('http://app/nothing'))).status, 404);
});
