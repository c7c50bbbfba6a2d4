import { createServer } from 'node:net';
import { type Check, type Finding, fine, problemFound } from './check.ts';

export const ports: Check = {
  name: 'Ports',
  async look(context) {
    const [{ readOfficeFile }, { isAlive }, office] = await Promise.all([
      import('../client/address.ts'),
      import('../office/office-process.ts'),
      import('../../office/index.ts'),
    ]);
    const record = await readOfficeFile(context.home);
    if (record !== null && isAlive(record.pid)) return fine('Ports', 'in use by the office of this home');
    const { node, gateway, supervisor } = office.readOfficeConfig(context.io.env, { home: context.home });
    const findings: Finding[] = [];
    for (const [name, { bind }] of Object.entries({ node, gateway, supervisor })) {
      const code = await tryToListen(bind.host, bind.port);
      if (code !== null) findings.push(portProblem(name, `${bind.host}:${bind.port}`, code));
    }
    return findings.length > 0 ? findings : fine('Ports', 'free');
  },
};

function portProblem(part: string, address: string, code: string): Finding {
  const detail =
    code === 'EADDRINUSE'
      ? `${address} (${part}) is taken by another program`
      : `${address} (${part}): ${code}`;
  return problemFound(
    'Ports',
    detail,
    `End what uses it, or choose another: \`tabbify up --${part}-bind 127.0.0.1:0\`.`,
  );
}

/** The error code that listening there gives, or null. */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
