import { TestOffice } from '../test/e2e/office.ts';
import { coldFirstByte, firstByte, push, WARM } from './apps.ts';
import { atMost, type Figure, median, round } from './figures.ts';

const ROUNDS = 15;
const SECRETS = 10;

/** What it costs a start to ask for its secrets: the same app with ten and with none, in turn. */
export async function benchSecrets(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  Object.assign(office.extraEnv, WARM);
  await office.open();
  const names = Array.from({ length: SECRETS }, (_, n) => `bench_secret_${n}`);
  for (const name of names) {
    const json = { name, kind: 'api-key', value: `value of ${name}` };
    const answer = await office.api('/v1/secrets', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    if (answer.status !== 201)
      throw new Error(`registering answered ${answer.status}: ${await answer.text()}`);
  }
  const declared = names
    .map((name, n) => `[[secrets]]\nname = "${name}"\nenv_var = "SECRET_${n}"\n`)
    .join('');
  const without = await push(office, 'examples/tiny');
  const having = await push(
    office,
    'examples/tiny',
    undefined,
    (text) => `${text.replace(/^name = .*$/m, 'name = "tiny-with-secrets"')}\n${declared}`,
  );
  const times: Record<'without' | 'having', number[]> = { without: [], having: [] };
  for (const app of [without, having]) await firstByte(`${office.url}/app/${app}/`);
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    times.without.push(await coldFirstByte(office, without));
    times.having.push(await coldFirstByte(office, having));
  }
  const [bare, full] = [median(times.without), median(times.having)];
  return [
    atMost(
      `${SECRETS} secrets at a start from the pool, what they add`,
      full - bare,
      'ms',
      15,
      `tiny's first byte ${round(bare)} ms without, ${round(full)} ms with; medians of ${ROUNDS}`,
    ),
  ];
}
