/** Owns what is to be said of smtpd_milters: is Postern in it, first, and with what when it is away. */

import type { ListenAddress } from '../config/address.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import { readMilterList, type NamedMilter } from './milter-list.ts';
import { ofMilterSettings } from './milter-settings.ts';
import { asPostfix, whose, type Whose } from './postfix-address.ts';
import type { PostfixService, PostfixSettings } from './postfix-settings.ts';

export function ofMilters(postfix: PostfixSettings, ours: readonly ListenAddress[]): Diagnosis[] {
  if (ours.every(({ kind }) => kind === 'systemd'))
    return [
      note('which address systemd listens on for us is not known here: smtpd_milters was not compared'),
    ];
  const doors = frontDoors(postfix);
  return [
    ...doors.flatMap((door) => ofDoor(door, postfix, ours)),
    ...ofOthers(postfix, doors, ours),
    ...ofLocalMail(postfix, ours),
    ...ofMaps(postfix),
  ];
}

/** Where strangers come in: port 25, or what postscreen hands on. None is known: as main.cf says it. */
function frontDoors({ services, get }: PostfixSettings): readonly PostfixService[] {
  const found = services.filter(
    ({ name, command }) => command === 'smtpd' && /^(?:.*:)?(?:smtp|25)\/inet$|\/pass$/.test(name),
  );
  if (found.length > 0) return found;
  return [{ name: 'main.cf', command: 'smtpd', chrooted: false, get, overrides: () => false }];
}

interface Placed {
  readonly milter: NamedMilter;
  readonly is: Whose;
}

function placed(service: PostfixService, queueDirectory: string, ours: readonly ListenAddress[]): Placed[] {
  const view = { queueDirectory, chrooted: service.chrooted };
  return readMilterList(service.get('smtpd_milters') ?? '').map((milter) => ({
    milter,
    is: whose(milter.address, ours, view),
  }));
}

function ofDoor(door: PostfixService, postfix: PostfixSettings, ours: readonly ListenAddress[]): Diagnosis[] {
  const queueDirectory = postfix.get('queue_directory') ?? '/var/spool/postfix';
  const milters = placed(door, queueDirectory, ours);
  const where = door.name === 'main.cf' ? 'smtpd_milters' : `smtpd_milters of ${door.name}`;
  const others = milters.filter(({ is }) => is === 'another').map(({ milter }) => milter.written);
  const put = (entry: string): string[] => setting(door, 'smtpd_milters', [entry, ...others].join(', '));
  const anew = newEntry(door, ours, queueDirectory, put);
  const faulty = milters.find(({ milter }) => milter.fault !== null);
  if (faulty !== undefined) {
    const { milter, is } = faulty;
    const cure = is === 'another' ? ['postconf smtpd_milters    (and mend it there)'] : anew;
    return [problem(`${where}: smtpd does not start with ${milter.written}: ${milter.fault!}`, ...cure)];
  }
  if (/\bno_milters\b/.test(door.get('receive_override_options') ?? ''))
    return [problem(`${door.name} has receive_override_options=no_milters: it does not ask Postern`)];
  const at = milters.findIndex(({ is }) => is !== 'another');
  if (at < 0) {
    // Of the several Postfixes of a machine, perhaps not the one that was meant.
    const file = `${postfix.directory}/${door.overrides('smtpd_milters') ? 'master.cf' : 'main.cf'}`;
    return [problem(`${where} in ${file} does not name Postern (${namesOf(ours)})`, ...anew)];
  }
  const { milter, is } = milters[at]!;
  if (is === 'misspelled')
    return [problem(`${where}: Postfix does not understand ${milter.address}`, ...anew)];
  if (is === 'out-of-reach')
    return [
      problem(
        `${door.name} is locked into ${queueDirectory} (chroot) and can't see ${milter.address}`,
        ...anew,
      ),
    ];
  const before = milters[at - 1]?.milter.address;
  return [
    before === undefined
      ? ok(`${where} names Postern first`)
      : warning(
          `${where} names ${before} before Postern: it works on mail that Postern would refuse`,
          ...put(milter.written),
        ),
    ...ofMilterSettings(milter, door, put),
  ];
}

function namesOf(ours: readonly ListenAddress[]): string {
  return ours.map(({ written }) => written).join(', ');
}

/** How this smtpd is brought to ask us; where it can see none of our sockets, with a new one. */
function newEntry(
  door: PostfixService,
  ours: readonly ListenAddress[],
  queueDirectory: string,
  put: (entry: string) => string[],
): string[] {
  const names = ours.flatMap((address) => asPostfix(address, queueDirectory) ?? []);
  const seen = names.find((name) => !door.chrooted || !name.startsWith('unix:/'));
  if (seen !== undefined) return put(`{ ${seen}, default_action=accept }`);
  return [
    `install -d -o postern -g postfix -m 0750 ${queueDirectory}/postern`,
    `in postern.yaml write: listen: unix:${queueDirectory}/postern/postern.sock`,
    'postern reload',
    ...put('{ unix:postern/postern.sock, default_action=accept }'),
  ];
}

/** What `postconf` sets it with, where it is set now. */
export function setting(service: PostfixService, name: string, value: string): string[] {
  const quoted = value.replaceAll("'", `'\\''`);
  const command = service.overrides(name)
    ? `postconf -P '${service.name}/${name}=${quoted}'`
    : `postconf -e '${name} = ${quoted}'`;
  return [command, 'postfix reload'];
}

/** Of submission and the like: to be left out is their right. */
function ofOthers(
  { services, get }: PostfixSettings,
  doors: readonly PostfixService[],
  ours: readonly ListenAddress[],
): Diagnosis[] {
  const without = services.filter(
    (service) =>
      service.command === 'smtpd' &&
      !doors.includes(service) &&
      !placed(service, get('queue_directory') ?? '', ours).some(({ is }) => is !== 'another'),
  );
  if (without.length === 0 || without.length === services.length) return [];
  return [
    ok(`${without.map(({ name }) => name).join(', ')}: Postern is not asked there, which may be meant so`),
  ];
}

function ofLocalMail({ get }: PostfixSettings, ours: readonly ListenAddress[]): Diagnosis[] {
  const view = { queueDirectory: get('queue_directory') ?? '', chrooted: false };
  const named = readMilterList(get('non_smtpd_milters') ?? '');
  if (!named.some(({ address }) => whose(address, ours, view) !== 'another')) return [];
  return [
    note('non_smtpd_milters names Postern too: mail of programs on this machine is always let through'),
  ];
}

function ofMaps({ get }: PostfixSettings): Diagnosis[] {
  const maps = get('smtpd_milter_maps') ?? '';
  if (maps === '') return [];
  return [note(`smtpd_milter_maps = ${maps}: the clients in it ask Postern only if it stands there, too`)];
}
