import { defineErrors } from '../kit/index.ts';

/** Every code with which a `LogStore` or its HTTP face refuses. */
export const logError = defineErrors({
  /** The unit's last event is another than the writer expected: read it again, decide anew. */
  position_conflict: { status: 409, title: 'Position conflict' },
  /** The envelope is over 64 KiB: store the data as a blob and append its digest. */
  envelope_too_large: { status: 413, title: 'Envelope too large' },
  /** An attribute of the envelope is missing or malformed. */
  envelope_invalid: { status: 400, title: 'Envelope invalid' },
  /** A parameter of a read or a subscription is malformed. */
  query_invalid: { status: 400, title: 'Query invalid' },
  /** `dataref` names a blob that was not stored before the append, or a blob that is asked for is not there. */
  blob_missing: { status: 409, title: 'Blob missing' },
  /** A blob holds at most 16 MiB. */
  blob_too_large: { status: 413, title: 'Blob too large' },
  /** The bytes of a blob are not those of its digest any more: the disk changed them. */
  blob_damaged: { status: 500, title: 'Blob damaged' },
  /** An event cannot be read as it was written: the disk changed it. `tabbify doctor` names all of them. */
  event_damaged: { status: 500, title: 'Event damaged' },
  /** Closed, disk full, or its server cannot be reached; an append may be repeated with the same id. */
  log_unavailable: { status: 503, title: 'Log unavailable' },
  /** Another process has this log open. */
  log_in_use: { status: 409, title: 'Log in use' },
});

/** What every call on a closed log is answered with. */
export function logClosed() {
  return logError('log_unavailable', {
    what: 'The log is closed',
    why: 'the office is stopping',
    hint: 'Try again when the office runs; an append may be repeated with the same id',
  });
}
