import { describe, expect, it } from 'vitest';
import { BOX_NAMESPACES, faultsOf, type SeenInside } from './faults.ts';
import { parseStatus } from './process-status.ts';

const UID = 1_879_048_200;
const four = `${UID}\t${UID}\t${UID}\t${UID}`;
const CAPABILITIES = ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => `Cap${set}:\t0000000000000000`);

/** `/proc/<pid>/status` of a process that is as it must be, with other lines. */
function status(lines: Readonly<Record<string, string>> = {}): SeenInside['status'] {
  const all = {
    ...{ Name: 'node', Uid: four, Gid: four, Groups: '', NSpid: '4711\t2', NoNewPrivs: '1', Seccomp: '2' },
    ...lines,
  };
  return parseStatus(
    [...Object.entries(all).map(([name, value]) => `${name}:\t${value}`), ...CAPABILITIES].join('\n'),
  );
}

const ours = Object.fromEntries(BOX_NAMESPACES.map((name) => [name, `${name}:[1]`]));
const theirs = Object.fromEntries(BOX_NAMESPACES.map((name) => [name, `${name}:[2]`]));
const good: SeenInside = { status: status(), namespaces: theirs, limits: { 'Max open files': '256' } };
const expected = { uid: UID, ownUid: true, namespaces: ours, limits: { 'Max open files': '256' } };

describe('a process in a box', () => {
  it('has no fault when it is as it must be', () => {
    expect(faultsOf(good, expected)).toEqual([]);
  });

  it.each([
    [{ Seccomp: '0' }, 'no filter decides'],
    [{ NoNewPrivs: '0' }, 'it may gain privileges'],
    [{ Uid: `${UID}\t0\t${UID}\t${UID}` }, 'its uid is'],
    [{ Uid: '' }, 'its uid is'],
    [{ Gid: '0\t0\t0\t0' }, 'its gid is'],
    [{ Groups: '27 ' }, 'it is in the groups 27'],
    [{ NSpid: '4711' }, 'it has 1 pids'],
    [{ NSpid: '4711\t2\t1' }, 'it has 3 pids'],
  ])('is found out by %j', (lines, fault) => {
    expect(faultsOf({ ...good, status: status(lines) }, expected).join()).toContain(fault);
  });

  it('is found out by one capability', () => {
    const capabilities = { ...status().capabilities, CapEff: '0000000000000400' };
    const fault = ['it has capabilities: CapEff 0000000000000400'];
    expect(faultsOf({ ...good, status: { ...status(), capabilities } }, expected)).toEqual(fault);
  });

  it('is found out when its capabilities are not told', () => {
    const seen = { ...status(), capabilities: {} };
    expect(faultsOf({ ...good, status: seen }, expected)).toEqual(['its capabilities cannot be read']);
  });

  it.each(BOX_NAMESPACES)('is found out when it shares the %s namespace, or it cannot be told', (name) => {
    const fault = [`it has no ${name} namespace of its own`];
    expect(
      faultsOf(
        { ...good, namespaces: ours, status: good.status },
        { ...expected, namespaces: { [name]: ours[name] ?? '' } },
      ),
    ).toEqual(fault);
    const { [name]: _, ...others } = theirs;
    expect(faultsOf({ ...good, namespaces: others }, expected)).toEqual(fault);
  });

  it('may keep the groups of an ordinary user, who cannot give them up', () => {
    const seen = { ...good, status: status({ Groups: '27 100', Gid: '100\t100\t100\t100' }) };
    expect(faultsOf(seen, { ...expected, ownUid: false })).toEqual([]);
  });
});
