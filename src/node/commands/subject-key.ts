import { createHash } from 'node:crypto';
import type { AppendOptions, EventDraft } from '../../log/index.ts';
import { isDomainType } from '../../state/index.ts';

/** Characters of a subject that stand in the name of its key as they are; an attribute of an envelope holds 512. */
const READABLE = 400;

/** Name of the key under which what comes from outside about a subject is sealed: `<office>/<subject>`. */
export function subjectKey(office: string, subject: string): string {
  if (subject.length <= READABLE) return `${office}/${subject}`;
  return `${office}/sha256:${createHash('sha256').update(subject).digest('hex')}`;
}

/** What comes from outside is sealed; what the platform itself says is not: it holds no personal bodies. */
export function sealingOf(draft: EventDraft): Pick<AppendOptions, 'sealUnder'> {
  if (draft.class !== 'traffic' || isDomainType(draft.type)) return {};
  return { sealUnder: subjectKey(draft.tenant, draft.subject) };
}
