import { defineErrors } from '../kit/index.ts';

/** What the node itself refuses or cannot do; errors of lower rooms pass through with their own codes. */
export const nodeError = defineErrors({
  /** The body, a path part or a query value is not what the API describes; the caller mends it. */
  request_invalid: { status: 400, title: 'Request cannot be read' },
  /** No credential, or one that this office did not issue. */
  credential_missing: { status: 401, title: 'Credential missing or unknown' },
  /** The credential is known and does not reach this far. */
  not_allowed: { status: 403, title: 'Not allowed' },
  /** An agent asked for something that is a person's to do. */
  person_needed: { status: 403, title: 'For a person' },
  /** No approval has this id. */
  approval_unknown: { status: 404, title: 'Unknown approval' },
  /** It was decided, has expired, or is about something that has ended. */
  approval_ended: { status: 409, title: 'Decided already' },
  /** The decision names something else than what is to be decided. */
  approval_changed: { status: 409, title: 'Something else was approved' },
  /** This person said yes before, and somebody else has to as well. */
  approval_given: { status: 409, title: 'Said before' },
  /** An agent has asked for so much that nobody has decided. */
  /** The text of a policy has errors, or one of its tests fails. */
  policy_invalid: { status: 400, title: 'Policy has errors' },
  /** The app was not granted this. */
  grant_unknown: { status: 404, title: 'Unknown grant' },
  /** A wider one, which the app was granted, allows it as well. */
  grant_covered: { status: 409, title: 'Granted by a wider one' },
  /** A supervisor wants secrets for an app, or a generation of it, that the log has not placed there. */
  spawn_refused: { status: 403, title: 'App is not started there' },
  /** A browser page of another origin asked to change something. */
  origin_foreign: { status: 403, title: 'Foreign origin' },
  /** A sign-in link, or the code with which a browser is sent to an app: used, too old, or for something else. */
  code_void: { status: 410, title: 'Link or code is used up' },
  /** Somebody tries to sign in again and again. */
  too_many_tries: { status: 429, title: 'Too many tries' },
  /** No session of the asker has this id: it has ended, or there never was one. */
  session_unknown: { status: 404, title: 'Unknown session' },
  /** The Host header names no address of this office (a DNS rebinding attack looks like this). */
  host_foreign: { status: 421, title: 'Misdirected request' },
  /** Nothing is served under this path. */
  route_unknown: { status: 404, title: 'No such route' },
  /** Somebody says to be an app of the office that calls another one, by what this node never gave to one. */
  call_unknown: { status: 401, title: 'No app of this office' },
  /** An app calls another one that it has not been granted, or not any more. */
  call_denied: { status: 403, title: 'Not allowed to call' },
  /** The path mount is followed by something that is not a UUID. */
  app_id_malformed: { status: 400, title: 'Malformed app id' },
  /** An app that is static files alone has none under this address. */
  file_unknown: { status: 404, title: 'No such file' },
  /** An app that is static files alone was asked for something else than a file. */
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  /** No app has this id or this name. */
  app_unknown: { status: 404, title: 'Unknown app' },
  /** The app has no such version. */
  version_unknown: { status: 404, title: 'Unknown version' },
  version_removed: { status: 410, title: 'Version was removed' },
  version_in_use: { status: 409, title: 'Version is in use' },
  quota_exceeded: { status: 413, title: 'No room for another version' },
  /** No upload has this id: it was published, swept as too old, or never begun here. */
  upload_unknown: { status: 404, title: 'Unknown upload' },
  /** Another push of the app is sending, or this upload is being published. */
  upload_busy: { status: 423, title: 'Upload is busy' },
  /** The bytes do not begin where the upload stands. */
  upload_offset: { status: 409, title: 'Upload stands elsewhere' },
  /** It is to be published, and not all of it is there. */
  upload_incomplete: { status: 409, title: 'Upload is not complete' },
  /** Nothing came for too long. */
  upload_stalled: { status: 408, title: 'Upload stalled' },
  /** The request is of no version of the tus protocol that is spoken here. */
  upload_protocol: { status: 412, title: 'Unknown version of the upload protocol' },
  /** No deployment has this id. */
  deployment_unknown: { status: 404, title: 'Unknown deployment' },
  /** No office of this machine has this slug. */
  office_unknown: { status: 404, title: 'Unknown office' },
  /** No credential of the office has this id: it was revoked, or never issued here. */
  credential_unknown: { status: 404, title: 'Unknown credential' },
  /** A target names a supervisor that never joined. */
  supervisor_unknown: { status: 400, title: 'Unknown supervisor' },
  /** A version that keeps data is to go to several hosts: name one. */
  data_on_one_host: { status: 400, title: 'Data lies on one host' },
  /** A version that keeps data is to go to another host than the one that has it. */
  data_elsewhere: { status: 409, title: 'Data is on another host' },
  /** Two targets name one supervisor. */
  target_twice: { status: 400, title: 'Supervisor named twice' },
  /** The target's runtime is not among its supervisor's tags. */
  runtime_unavailable: { status: 400, title: 'Runtime not available there' },
  /** What the runtime runs cannot be made of this version. */
  runtime_unfit: { status: 400, title: 'Runtime does not fit the version' },
  /** The manifest carries another id than the one it is published under. */
  app_id_mismatch: { status: 400, title: 'App id does not match' },
  /** The manifest is missing or has errors. */
  manifest_invalid: { status: 400, title: 'Manifest has errors' },
  /** Another app of the office has this name. */
  name_taken: { status: 409, title: 'Name is taken' },
  /** The platform keeps this name for itself. */
  name_reserved: { status: 409, title: 'Name is reserved' },
  /** A supervisor of this name has joined before, or is there now. */
  supervisor_known: { status: 409, title: 'Supervisor is known' },
  /** Two ids with one address; the second registration is refused. */
  address_taken: { status: 409, title: 'Address is taken' },
  /** The same Idempotency-Key was used for something else. */
  idempotency_conflict: { status: 409, title: 'Idempotency key was used before' },
  /** The deployment has ended; it can be neither called off nor changed any more. */
  deployment_ended: { status: 409, title: 'Deployment has ended' },
  /** No version that was in place before can be brought back. */
  rollback_impossible: { status: 409, title: 'Nothing to roll back to' },
  /** The app is static files alone: there is no process to start, stop or ask. */
  nothing_to_run: { status: 409, title: 'Nothing runs' },
  /** The body is larger than this route takes. */
  body_too_large: { status: 413, title: 'Body too large' },
  /** A static file of the version in place is not what was published; it is never served. */
  file_damaged: { status: 502, title: 'File is damaged' },
  /** The app's runner cannot be reached. */
  app_unreachable: { status: 502, title: 'App cannot be reached' },
  /** The app cannot start now; a later try may do. */
  app_not_ready: { status: 503, title: 'App is not ready' },
  /** The app sent nothing for too long. */
  app_timeout: { status: 504, title: 'App did not answer in time' },
  /** The gateway, which alone has the secrets, does not answer. */
  gateway_away: { status: 503, title: 'Gateway is away' },
  /** The supervisor that has the app is away. */
  supervisor_away: { status: 503, title: 'Supervisor is away' },
  /** What is kept beside the log for searching cannot be used now, or is being built. */
  projection_unavailable: { status: 503, title: 'Cannot be searched now' },
  /** One credential asks for several things at a time that others wait for. */
  too_many_at_once: { status: 429, title: 'Too many at once' },
  /** Whatever was not foreseen; the log has the cause. */
  internal_error: { status: 500, title: 'Something went wrong in the office' },
});
