import type { EgressAttack } from './attack.ts';
import { DIAL_ATTACKS } from './dial-attacks.ts';
import { HTTP_ATTACKS } from './http-attacks.ts';
import { PROXY_ATTACKS } from './proxy-attacks.ts';
import { TLS_ATTACKS } from './tls-attacks.ts';

/** All that is tried against a channel; the canary hears none of it, but what `heard` says. */
export const EGRESS_ATTACKS: Readonly<Record<'dial' | 'proxy' | 'tls' | 'http', readonly EgressAttack[]>> = {
  dial: DIAL_ATTACKS,
  proxy: PROXY_ATTACKS,
  tls: TLS_ATTACKS,
  http: HTTP_ATTACKS,
};
