import { type OfficeState, officesOf } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Principal } from './principal.ts';

/** Header by which an owner of the machine picks an office (CONTRACTS §2). */
export const OFFICE_HEADER = 'tabbify-office';

/**
 * The principal as it asks about one office: an owner of the machine about any, everybody else about his own.
 *
 * @param asked value of the header; undefined: the credential's own office
 * @throws office_unknown, for an owner of the machine alone; not_allowed, whether that office exists or not
 */
export function inPickedOffice(
  principal: Principal,
  state: OfficeState,
  asked: string | undefined,
): Principal {
  if (asked === undefined || asked === principal.homeOffice) return principal;
  if (!principal.ownsMachine) {
    throw nodeError('not_allowed', {
      what: `The credential of '${principal.name}' is of the office '${principal.homeOffice}'`,
      why: 'the header Tabbify-Office names another one',
      hint: `Leave the header (in a terminal: --office, TABBIFY_OFFICE) out, or use a credential of that office`,
    });
  }
  if (state.offices.has(asked)) return { ...principal, office: asked };
  throw nodeError('office_unknown', {
    what: `There is no office ${JSON.stringify(asked.slice(0, 63))} here`,
    why: `there is ${officesOf(state)
      .map(({ slug }) => slug)
      .slice(0, 20)
      .join(', ')}`,
    hint: 'See `tabbify office list`, or make it with `tabbify office create <name>`',
  });
}
