import { type Logger, messageOf, runChild } from '../../kit/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Tells the service manager how the office is (sd_notify(3)). Nothing happens where none has started it. */
export interface ServiceNotifier {
  /** The office serves. From now on its event loop gives a sign of life as often as the manager's watchdog asks for. */
  ready(status: string): void;
  /** The office is closing. */
  stopping(): void;
  close(): void;
}

const SEND_TIMEOUT_MS = 5_000;

/**
 * The notifier for `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`. The socket takes datagrams, which Node cannot send
 * to a unix socket; `systemd-notify` of the same package as the manager does.
 */
export function serviceNotifier(env: Environment, logger: Logger): ServiceNotifier {
  const socket = env.NOTIFY_SOCKET;
  if (!socket) return { ready() {}, stopping() {}, close() {} };
  const childEnv = { NOTIFY_SOCKET: socket, PATH: env.PATH ?? '/usr/bin:/bin' };
  let watchdog: NodeJS.Timeout | undefined;
  let isSending = false;

  const send = async (...assignments: readonly string[]): Promise<void> => {
    isSending = true;
    try {
      const options = { env: childEnv, timeoutMs: SEND_TIMEOUT_MS };
      const { code, stderr } = await runChild('systemd-notify', assignments, options);
      if (code !== 0) throw new Error(`systemd-notify ended with ${code}: ${stderr.trim()}`);
    } catch (error) {
      const hint = 'Install systemd-notify, or set Type=exec in the unit and remove WatchdogSec';
      logger.error(
        { reason: messageOf(error), hint },
        'the service manager cannot be told how the office is',
      );
    } finally {
      isSending = false;
    }
  };

  return {
    ready(status) {
      void send('READY=1', `STATUS=${status}`);
      const period = watchdogMs(env);
      if (period === null) return;
      watchdog = setInterval(() => {
        if (!isSending) void send('WATCHDOG=1');
      }, period / 2);
      watchdog.unref();
    },
    stopping: () => void send('STOPPING=1', 'STATUS=Closing; apps go on running'),
    close: () => clearInterval(watchdog),
  };
}

/** Milliseconds within which a sign of life is wanted of this process; null when none is. */
function watchdogMs(env: Environment): number | null {
  const microseconds = Number(env.WATCHDOG_USEC);
  const isMeant = !env.WATCHDOG_PID || Number(env.WATCHDOG_PID) === process.pid;
  return isMeant && microseconds > 0 ? microseconds / 1000 : null;
}
