import type { AppState, OfficeState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Asker } from './idempotency.ts';

/** The asker's app. @throws app_unknown, for another office's app too */
export function appOfOffice(office: OfficeState, asker: Pick<Asker, 'principal'>, uuid: string): AppState {
  const app = office.apps.get(uuid);
  if (app !== undefined && app.office === asker.principal.office) return app;
  throw nodeError('app_unknown', {
    what: `No app ${uuid} in this office`,
    hint: 'See `tabbify apps`, or push one with `tcli push <dir>`',
  });
}
