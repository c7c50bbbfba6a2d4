import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { NEVER, PLAIN_SCOPES, ROLE_SCOPES } from './roles.ts';

const page = await readFile(new URL('../../../docs/credentials.md', import.meta.url), 'utf8');

/** Cells of the table below these headings, without their code marks. */
function table(heading: string): string[][] {
  const lines = page.slice(page.indexOf(heading)).split('\n').slice(2);
  const rows = lines.slice(0, lines.indexOf(''));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

test('roles are the sets that docs/credentials.md shows', () => {
  const shown = table('| role | scopes |').map(([role, scopes]) => [role, scopes?.split(', ')]);
  expect(shown).toEqual(Object.entries(ROLE_SCOPES));
});

test('docs/credentials.md explains every scope, and says what agents and apps never hold', () => {
  expect(table('| scope | allows |').map(([scope]) => scope)).toEqual([
    ...PLAIN_SCOPES,
    'events:append:<segment>',
  ]);
  const never = new Map(
    table('| kind | speaks as | never holds |').map(([kind, , scopes]) => [kind, scopes]),
  );
  expect(never.get('agent')?.split(', ')).toEqual(NEVER.agent);
  expect(never.get('app')?.split(', ')).toEqual(NEVER.app);
  expect(never.get('person')).toBe('');
});

test('no role holds what an owner does not', () => {
  for (const scopes of Object.values(ROLE_SCOPES))
    expect(ROLE_SCOPES.owner).toEqual(expect.arrayContaining([...scopes]));
});
