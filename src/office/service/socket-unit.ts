import { isIP } from 'node:net';
import type { Bind } from '../config.ts';
import { officeError } from '../errors.ts';
import type { UnitScope } from './unit.ts';

/**
 * A systemd unit of the address of the office (systemd.socket(5)): systemd listens and passes the socket on, so that who
 * comes while the office is away waits in the queue instead of being refused.
 *
 * @throws TabbifyError `config_invalid` when the address is none that systemd can listen on
 */
export function systemdSocket(scope: UnitScope, bind: Bind): string {
  const family = isIP(bind.host);
  if (family === 0 || bind.port === 0) {
    const { host, port } = bind;
    throw officeError('config_invalid', {
      what: `systemd cannot listen on ${host}:${port} for the office`,
      why: family === 0 ? 'it takes an IP address, not a name' : 'the port must be known beforehand',
      hint: `Say --node-bind ${family === 0 ? '127.0.0.1' : host}:${port || 8090}`,
    });
  }
  const forUser = scope === 'user';
  const systemctl = forUser ? 'systemctl --user' : 'systemctl';
  const folder = forUser ? '~/.config/systemd/user' : '/etc/systemd/system';
  return `# The address of a Tabbify office, made by: tabbify up --print-socket ${scope}
# Save it as ${folder}/tabbify.socket, beside tabbify.service and called like it, then:
#   ${systemctl} daemon-reload
#   ${systemctl} stop tabbify.service
#   ${systemctl} enable --now tabbify.socket tabbify.service
# To close the office for good: ${systemctl} stop tabbify.socket tabbify.service

[Unit]
Description=Address of a Tabbify office

[Socket]
ListenStream=${family === 6 ? `[${bind.host}]` : bind.host}:${bind.port}
FileDescriptorName=node

[Install]
WantedBy=sockets.target
`;
}
