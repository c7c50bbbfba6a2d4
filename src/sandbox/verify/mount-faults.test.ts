import { expect, it } from 'vitest';
import { mountFaults } from './mount-faults.ts';

const EXPECTED = { shown: ['/bin/node', '/usr', '/etc/../app'], writable: ['/tmp', '/work space'] };

/** One line as the kernel writes it. */
function mount(at: string, options: string): string {
  return `36 35 98:0 /from ${at} ${options},nosuid,nodev - ext4 /dev/vda rw`;
}

it('takes what is shown read-only, and what may be written to', () => {
  const lines = [
    ...[
      mount('/', 'ro'),
      mount('/bin/node', 'ro'),
      mount('/usr', 'ro'),
      mount('/usr/local', 'ro'),
      mount('/app', 'ro'),
    ],
    ...[mount('/tmp', 'rw'), mount(String.raw`/work\040space`, 'rw')],
  ];
  expect(mountFaults(`${lines.join('\n')}\n`, EXPECTED)).toEqual([]);
});

it.each([
  [mount('/', 'rw'), '/ can be written to'],
  [mount('/usr', 'rw'), '/usr can be written to'],
  [mount('/usr/local', 'relatime'), '/usr/local can be written to'],
  [mount('/etc', 'ro'), 'it shows /etc'],
  [mount('/usr2', 'ro'), 'it shows /usr2'],
  [mount('/bin', 'ro'), 'it shows /bin'],
  ['', 'what it shows cannot be read'],
])('finds %s', (line, fault) => {
  expect(mountFaults(line, EXPECTED)).toEqual([fault]);
});
