/** Owns the examination of our listeners: does each take a connection and speak the milter protocol. */

import { connect } from 'node:net';
import { parseListenAddress, type ListenAddress } from '../config/address.ts';
import { MtaSession } from '../milter/index.ts';
import { errorCode } from '../server/fault.ts';
import { note, ok, problem, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import { ownService, type Patient } from './patient.ts';

/** Postern answers within milliseconds. */
const LIMIT_MS = 3000;

export const listener: Examination = {
  name: 'listener',
  look: (patient) => Promise.all(listening(patient).map(judge)),
};

/** What the service says, with the real ports; else what is written. */
export function listening(patient: Patient): readonly ListenAddress[] {
  const told = ownService(patient)?.listening.map(parseListenAddress) ?? [];
  const addresses = told.flatMap((address) => (address.kind === 'wrong' ? [] : [address]));
  const systemd = patient.config.listen.filter(({ kind }) => kind === 'systemd');
  return addresses.length === 0 ? patient.config.listen : [...addresses, ...systemd];
}

async function judge(address: ListenAddress): Promise<Diagnosis> {
  const { written } = address;
  if (address.kind === 'systemd')
    return note(`which sockets systemd handed over (${written}) can't be seen from here`);
  if (address.kind === 'tcp' && address.port === 0)
    return note(`${written}: which port that is only the service knows`);
  const failed = await negotiates(address);
  if (failed === null) return ok(`${written} answers`);
  const see = address.kind === 'tcp' ? `ss -ltnp 'sport = :${address.port}'` : 'ss -xlp';
  return problem(`${written} does not answer: ${failed}`, see, 'systemctl restart postern');
}

/** Null: it does. */
async function negotiates(address: Exclude<ListenAddress, { kind: 'systemd' }>): Promise<string | null> {
  const socket =
    address.kind === 'unix'
      ? connect(address.path)
      : connect({ host: everywhere(address.host), port: address.port });
  const timer = setTimeout(
    () => socket.destroy(new Error(`nothing came within ${LIMIT_MS / 1000} s`)),
    LIMIT_MS,
  );
  try {
    const session = new MtaSession(socket);
    await session.negotiate();
    session.quit();
    return null;
  } catch (error) {
    socket.destroy();
    return reason(error);
  } finally {
    clearTimeout(timer);
  }
}

/** What is bound to every address is reached at the loopback one. */
function everywhere(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

function reason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOENT':
      return 'there is no such socket';
    case 'EACCES':
      return 'we lack the right to connect; run this as root';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
