import { defineErrors } from '../kit/index.ts';

/** What can go wrong in a command itself; everything else comes from the office or another room. */
export const cliError = defineErrors({
  /** The command was called in a way it does not understand: exit code 2. */
  usage: { status: 400, title: 'Wrong usage' },
  /** Nothing answers at the node's address. */
  office_not_running: { status: 503, title: 'Office is not running' },
  /** The node answered with an error that carries no problem+json, or with something else than promised. */
  office_answer: { status: 502, title: 'Unexpected answer of the office' },
  /** The credential is refused; other problem+json answers keep the code that the node gave them. */
  office_refused: { status: 401, title: 'Refused by the office' },
  /** There is no such app in the office. */
  app_unknown: { status: 404, title: 'Unknown app' },
  /** No token of the office has this name, or several have. */
  token_unknown: { status: 404, title: 'Unknown token' },
  /** There is no log where one was looked for. */
  log_missing: { status: 404, title: 'No log' },
  /** The app's folder cannot be read, holds what cannot be pushed, or lacks its manifest. */
  app_folder: { status: 400, title: 'App folder cannot be used' },
  /** `tcli init` would have to overwrite. */
  would_overwrite: { status: 409, title: 'Would overwrite' },
  /** The manifest has errors; each is printed with its place. */
  manifest_invalid: { status: 400, title: 'Manifest is invalid' },
  /** A policy has errors, or one of its tests fails. */
  policy_invalid: { status: 400, title: 'Policy has errors' },
  /** Nothing of a push gets through any more; the next one goes on where it was. */
  upload_cut_off: { status: 503, title: 'Upload was cut off' },
  /** The deployment ended without the app serving. */
  deployment_failed: { status: 500, title: 'Deployment failed' },
  /** The app was deployed, but its URL does not answer as it should. */
  app_silent: { status: 502, title: 'App does not answer' },
  /** The record names a process that is not the office. */
  not_our_office: { status: 409, title: 'Not the office' },
  /** The office did not end in time. */
  office_still_running: { status: 504, title: 'Office is still running' },
  /** Tests were ended at a bound. */
  tests_ended: { status: 408, title: 'Tests were ended' },
  /** The person pressed Ctrl-C in the middle of work. */
  stopped: { status: 409, title: 'Stopped' },
});
