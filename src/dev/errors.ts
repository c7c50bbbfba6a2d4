import { defineErrors } from '../kit/index.ts';

/** What keeps an app from being served while it is written. */
export const devError = defineErrors({
  /** Something else listens on the port that was asked for. */
  dev_port_taken: { status: 409, title: 'Port is taken' },
  /** The server would be open to others than this machine. */
  dev_not_loopback: { status: 400, title: 'Not an address of this machine alone' },
  /** This machine, or this version, does not run the app's runtime. */
  dev_runtime_refused: { status: 400, title: 'Runtime cannot be had here' },
  /** The folder in which a running app keeps its files cannot be made. */
  dev_place_unusable: { status: 500, title: 'No place for the running app' },
  /** The app has ended, or has never run. */
  dev_not_serving: { status: 500, title: 'The app does not run' },
});
