/** Where a unit is installed: for the whole machine, or for one person. */
export type UnitScope = 'system' | 'user';

export interface UnitOptions {
  readonly scope: UnitScope;
  /** Absolute path of the office's home. */
  readonly home: string;
  /** Name or number of the user a system unit runs as: whom the home belongs to. */
  readonly user: string;
  /** Argv that opens the office, absolute paths. */
  readonly command: readonly string[];
}

/**
 * Seconds without a word from the event loop after which systemd ends the office and starts it again; it speaks at half of them.
 * Nothing holds the loop for a second, a machine that swaps may.
 */
const WATCHDOG_SEC = 60;
/** A long log without a snapshot is replayed at the start. */
const START_SEC = 600;
/** Longer than `tabbify down` waits. */
const STOP_SEC = 45;

/**
 * A systemd unit of the office (systemd.service(5)). Only the office's own process is ended with it, runners go on and are
 * adopted by the next start; that the kernel kills an app for its memory is no reason to end the office. Its control group is
 * delegated, so that an office of an ordinary user can bound its apps (`src/sandbox/groups`).
 */
export function systemdUnit({ scope, home, user, command }: UnitOptions): string {
  const forUser = scope === 'user';
  const folder = forUser ? '~/.config/systemd/user' : '/etc/systemd/system';
  const systemctl = forUser ? 'systemctl --user' : 'systemctl';
  return `# A Tabbify office as a service, made by: tabbify up --print-unit ${scope}
# Save it as ${folder}/tabbify.service (another name for each further home), then:
#   ${systemctl} daemon-reload
#   ${systemctl} enable --now tabbify
${forUser ? '#   loginctl enable-linger    so that office and apps outlive your session and start with the machine\n' : ''}
[Unit]
Description=Tabbify office
After=network.target
StartLimitIntervalSec=120
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=all
ExecStart=${command.map(quoted).join(' ')}
EnvironmentFile=-${escaped(home)}/office.env
${forUser ? '' : `User=${user}\n`}KillMode=process
Restart=on-failure
RestartSec=2
TimeoutStartSec=${START_SEC}
TimeoutStopSec=${STOP_SEC}
WatchdogSec=${WATCHDOG_SEC}
OOMPolicy=continue
Delegate=yes
DelegateSubgroup=office
UMask=0077

[Install]
WantedBy=${forUser ? 'default.target' : 'multi-user.target'}
`;
}

/** One word of a command line: specifiers and variables are taken literally (systemd.unit(5), systemd.syntax(7)). */
function quoted(word: string): string {
  return `"${escaped(word).replaceAll(/[\\"]/g, '\\$&').replaceAll('$', '$$$$')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}
