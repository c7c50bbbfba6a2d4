import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DEPLOYMENT_TRANSITIONS } from './deployment-machine.ts';

const pageOf = (name: string) => readFile(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');

test('docs/lifecycle.md draws the machine as it is, and docs/deployments.md tells of each phase', async () => {
  const [, drawing = ''] = (await pageOf('lifecycle')).split('# The life of a deployment');
  const page = await pageOf('deployments');
  const arrows = [...drawing.matchAll(/^ +(\w+) --> (\w+): (\w+)$/gm)].map(
    ([, from, to, on]) => `${from} --> ${to}: ${on}`,
  );
  expect(arrows).toEqual(DEPLOYMENT_TRANSITIONS.map(({ from, to, on }) => `${from} --> ${to}: ${on}`));
  const ends = [...drawing.matchAll(/^ +(\w+) --> \[\*\]$/gm)].map(([, phase]) => phase);
  const open = new Set<string>(DEPLOYMENT_TRANSITIONS.map(({ from }) => from));
  expect(new Set(ends)).toEqual(
    new Set(DEPLOYMENT_TRANSITIONS.map(({ to }) => to).filter((phase) => !open.has(phase))),
  );
  for (const phase of new Set(DEPLOYMENT_TRANSITIONS.flatMap(({ from, to }) => [from, to]))) {
    expect(page).toContain(`| \`${phase}\` |`);
  }
});
