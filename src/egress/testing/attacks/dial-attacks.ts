import { ALLOWED, AT_LOOPBACK, type EgressAttack } from './attack.ts';

const granted = [`${ALLOWED}:{port}`, '*.wild.example:{port}', 'xn--bcher-kva.example:{port}'];

const to = (name: string, host: string, port?: number): EgressAttack => ({
  name,
  granted,
  addresses: {
    ...AT_LOOPBACK,
    localhost: [['127.0.0.1']],
    [host]: [['127.0.0.1']],
  },
  attempt: { kind: 'dial', host, ...(port !== undefined && { port }) },
});

/** A granted name whose addresses are these, one lookup after the other. */
const resolvingTo = (
  name: string,
  answers: readonly (readonly string[])[],
  literals: readonly string[] = [],
): EgressAttack => ({
  name,
  granted: [`${ALLOWED}:{port}`, ...literals],
  addresses: { [ALLOWED]: answers },
  attempt: { kind: 'dial', host: ALLOWED },
});

/** Places that are not granted, or are granted and lead where they must not. */
export const DIAL_ATTACKS: readonly EgressAttack[] = [
  to('an address that is not granted', '127.0.0.1'),
  to('a name of this machine', 'localhost'),
  to('a short address', '127.1'),
  to('an address as one number', '2130706433'),
  to('an address as one number in hex', '0x7f000001'),
  to('an octal address', '0177.0.0.1'),
  to('a hex address', '0x7f.0x0.0x0.0x1'),
  to('an octal address as one number', '017700000001'),
  to('a hex address in two parts', '0x7f.1'),
  to('an address with zeros in front', '127.000.000.001'),
  to('an address with a dot at its end', '127.0.0.1.'),
  to('an address with two dots at its end', '127.0.0.1..'),
  to('an address with an empty part', '127..0.1'),
  to('an address with a part too many', '127.0.0.0.1'),
  to('an address in wide digits', '１２７.０.０.１'),
  to('an address in circled digits', '①②⑦.⓪.⓪.①'),
  to('an address with ideographic dots', '127。0。0。1'),
  to('an address in percent signs', '%31%32%37.0.0.1'),
  to('the unspecified address', '0.0.0.0'),
  to('the loopback of IPv6', '::1'),
  to('the loopback of IPv6 in full', '0:0:0:0:0:0:0:1'),
  to('the unspecified address of IPv6', '::'),
  to('an address of IPv4 mapped into IPv6', '::ffff:127.0.0.1'),
  to('an address of IPv4 mapped into IPv6, in hex', '::ffff:7f00:1'),
  to('an address of IPv4 translated into IPv6', '::ffff:0:127.0.0.1'),
  to('an address of IPv4 compatible with IPv6', '::127.0.0.1'),
  to('an address of IPv4 behind NAT64', '64:ff9b::7f00:1'),
  to('an address of IPv4 behind a NAT64 of the network itself', '64:ff9b:1::7f00:1'),
  to('an address of 6to4', '2002:7f00:1::1'),
  to('an address of Teredo', '2001:0:7f00:1::1'),
  to('an address with a zone', 'fe80::1%lo'),
  to('the loopback of IPv6 with a zone', '::1%lo'),
  to('the metadata of clouds', '169.254.169.254', 80),
  to('a name of this machine with a dot at its end', 'localhost.'),
  to('a name below that of this machine', 'x.localhost'),
  to('a name that begins like a granted one', `${ALLOWED}.evil.example`),
  to('a name that ends like a granted one', `evil${ALLOWED}`),
  to('a name below a granted one', `sub.${ALLOWED}`),
  to('the name of a wildcard itself', 'wild.example'),
  to('a name that ends like a wildcard', 'evilwild.example'),
  to('an empty label below a wildcard', '.wild.example'),
  to('a wildcard itself', '*.wild.example'),
  to('a name that is too long', `${'a'.repeat(300)}.wild.example`),
  to('a granted name in front of a comma', `${ALLOWED},evil.example`),
  to('a granted name in front of a semicolon', `${ALLOWED};evil.example`),
  to('a name that looks like a granted one', 'аllowed.example'), // Cyrillic а
  to('a name that looks like a granted one of IDNA', 'bücher.exаmple'), // Cyrillic а
  to('a granted name as a user of another host', `${ALLOWED}@127.0.0.1`),
  to('a granted name as a user with a password', `${ALLOWED}:x@127.0.0.1`),
  to('a granted name as the fragment of another host', `127.0.0.1#${ALLOWED}`),
  to('a granted name behind a backslash', `127.0.0.1\\@${ALLOWED}`),
  to('a granted name in front of a NUL', `127.0.0.1\0.${ALLOWED}`),
  to('a granted name behind a tab', `127.0.0.1\t.${ALLOWED}`),
  to('a granted name behind a line end', `127.0.0.1\r\nx: .${ALLOWED}`),
  to('another port of a granted name', ALLOWED, 443),
  to('port 0 of a granted name', ALLOWED, 0),
  to('a port beyond the last one', ALLOWED, 65_536 + 443),
  to('another port of the platform', 'tabbify.internal', 443),
  {
    name: 'another app by its name where only its entry stands',
    granted: ['app:shop'],
    addresses: { 'shop.tabbify.internal': [['127.0.0.1']] },
    attempt: { kind: 'dial', host: 'shop.tabbify.internal', port: 80 },
  },
  {
    name: 'a port behind the name of another app',
    granted: ['app:shop', 'shop.tabbify.internal:{port}', '*.internal:{port}'],
    addresses: { 'shop.tabbify.internal': [['127.0.0.1']] },
    attempt: { kind: 'dial', host: 'shop.tabbify.internal' },
  },
  resolvingTo('a granted name with a private address', [['127.0.0.1']]),
  resolvingTo('a granted name with the loopback of IPv6', [['::1']]),
  resolvingTo('a granted name with a mapped address', [['::ffff:127.0.0.1']]),
  resolvingTo('a granted name with an address behind NAT64', [['64:ff9b::127.0.0.1']]),
  resolvingTo('a granted name with an address of 6to4', [['2002:7f00:1::1']]),
  resolvingTo('a granted name with an address of Teredo', [['2001:0:7f00:1::1']]),
  resolvingTo('a granted name with the unspecified address', [['0.0.0.0']]),
  resolvingTo('a granted name with what is no address', [['localhost']]),
  resolvingTo(
    'a granted name whose private address is granted at another port',
    [['127.0.0.1']],
    ['127.0.0.1:1'],
  ),
  resolvingTo(
    'a granted name with a private address beside a granted one',
    [['127.0.0.2', '127.0.0.1']],
    ['127.0.0.2:{port}'],
  ),
  resolvingTo(
    'a granted name with the loopback of IPv6 beside a granted address',
    [['127.0.0.2', '::1']],
    ['127.0.0.2:{port}'],
  ),
  resolvingTo(
    'a granted name with a mapped address beside a granted one',
    [['::ffff:127.0.0.1', '127.0.0.2']],
    ['127.0.0.2:{port}'],
  ),
  resolvingTo(
    'a granted name with what is no address beside a granted one',
    [['127.0.0.2', 'localhost']],
    ['127.0.0.2:{port}'],
  ),
  {
    ...resolvingTo(
      'a granted name whose next answer is an address of IPv6',
      [['127.0.0.2'], ['::1']],
      ['127.0.0.2:{port}'],
    ),
    mayReach: '127.0.0.2',
  },
  {
    ...resolvingTo(
      'a granted name whose address changes between the check and the connection',
      [['127.0.0.2'], ['127.0.0.1']],
      ['127.0.0.2:{port}'],
    ),
    mayReach: '127.0.0.2',
  },
];
