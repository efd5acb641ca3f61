/** Holds the simulation to the model that is written in issue 6, and to being the same in every run. */

import { expect } from 'chai';
import { BOT_SHARES, DAYS, inShares, mailOf, PAIRS, READING, SERVER_SHARES, type Mail } from './mail.ts';
import { plot } from './plot.ts';
import { play, type Played } from './play.ts';
import { Queue } from './queue.ts';
import {
  BOT_KINDS,
  botRetryOf,
  DAY,
  HOUR,
  MINUTE,
  retryOf,
  SERVER_KINDS,
  type BotKind,
  type ServerKind,
} from './retries.ts';
import { Chance } from './chance.ts';
import { hostOf, serverOf } from './servers.ts';
import { delaysOf, simulate } from './simulate.ts';
import { simulationPage, simulationVerdicts, spoken } from './simulation-page.ts';

/** The first tries of a sender that nobody lets in, in minutes. */
function tries(kind: ServerKind, count: number): number[] {
  const times = [0];
  while (times.length < count) times.push(retryOf(kind, times.length - 1, times.at(-1)! * MINUTE)! / MINUTE);
  return times;
}

function botTries(kind: BotKind): number[] {
  const times = [0];
  for (let n = 0; ; n++) {
    const ms = botRetryOf(kind, n, times.at(-1)! * MINUTE, 0.5);
    if (ms === null) return times;
    times.push(ms / MINUTE);
  }
}

describe('The simulation', function () {
  this.timeout(60_000);
  const few = 200;
  const month = mailOf(1, READING, few);

  it('has retries of Postfix: 5 minutes, doubling to 66', () => {
    expect(tries('postfix', 8)).to.deep.equal([0, 5, 15, 35, 75, 141, 207, 273]);
  });

  it('of Exim: 15 minutes for 2 hours, then half as long again, up to 6 hours', () => {
    const times = tries('exim', 22);
    expect(times.slice(0, 9)).to.deep.equal([0, 15, 30, 45, 60, 75, 90, 105, 120]);
    expect(times[9]! - times[8]!).to.equal(22.5);
    expect(times[10]! - times[9]!).to.equal(33.75);
    expect(times[21]! - times[20]!).to.equal(360);
  });

  it('of Exchange: 1, 1, 1, 10, 10 minutes, then 15', () => {
    expect(tries('exchange', 9)).to.deep.equal([0, 1, 2, 3, 13, 23, 38, 53, 68]);
  });

  it('of pools: 1, 5, 10, 20, 30, 60 minutes, whether they show who they are or not', () => {
    expect(tries('pool', 9)).to.deep.equal([0, 1, 6, 16, 36, 66, 126, 186, 246]);
    expect(tries('hidden', 9)).to.deep.equal(tries('pool', 9));
  });

  it('gives mail back after five days, not before', () => {
    for (const kind of SERVER_KINDS) {
      let [atMs, n] = [0, 0];
      for (let ms: number | null = 0; ms !== null; ms = retryOf(kind, n++, atMs)) atMs = ms;
      expect(atMs / DAY, kind).to.be.within(4.7, 5);
    }
  });

  it('has bots that try once, within 30 s, for 10 minutes, for an hour, and accounts of real pools', () => {
    expect(botTries('once')).to.deep.equal([0]);
    expect(botTries('soon')).to.deep.equal([0, 16 / 60]);
    for (const lot of [0, 0.999]) expect(botRetryOf('soon', 0, 0, lot)).to.be.within(1, 30_000);
    expect(botTries('patient')).to.have.length(11);
    expect(botTries('patient').at(-1)).to.equal(10);
    expect(botTries('roaming').at(-1)).to.equal(60);
    expect(botTries('account').slice(0, 4)).to.deep.equal([0, 1, 6, 16]);
  });

  it('shares out servers and bots as the model says', () => {
    const pairs = new Map<string, Set<string>>();
    const of = (mail: Mail): Set<string> => {
      if (!pairs.has(mail.kind)) pairs.set(mail.kind, new Set());
      return pairs.get(mail.kind)!;
    };
    for (const mail of month) of(mail).add(mail.sender.local);
    for (const kind of SERVER_KINDS)
      expect(pairs.get(kind)?.size, kind).to.equal((few * SERVER_SHARES[kind]) / 100);
    const unwanted = month.filter(({ wanted }) => !wanted).length;
    for (const kind of BOT_KINDS)
      expect((100 * pairs.get(kind)!.size) / unwanted, kind).to.be.closeTo(BOT_SHARES[kind], 0.6);
    expect(unwanted / month.length).to.equal(0.8);
    const hundred = Array.from({ length: 100 }, (_, n) => inShares(BOT_SHARES, n).kind);
    expect(BOT_KINDS.map((kind) => hundred.filter((each) => each === kind).length)).to.deep.equal([
      88, 6, 3, 2, 1,
    ]);
    expect(SERVER_KINDS.map((kind) => SERVER_SHARES[kind])).to.deep.equal([55, 15, 10, 17, 3]);
    expect(PAIRS).to.equal(20_000);
  });

  it('has three of five pairs write once, the others every 1 to 10 days, for 30 days', () => {
    const times = new Map<string, number[]>();
    for (const { wanted, sender, firstMs } of mailOf(2, READING, 5000)) {
      if (!wanted) continue;
      expect(firstMs).to.be.within(0, DAYS * DAY);
      times.set(sender.local, [...(times.get(sender.local) ?? []), firstMs]);
    }
    expect(times.size).to.equal(5000);
    const gaps = [...times.values()].flatMap((all) => all.slice(1).map((ms, i) => (ms - all[i]!) / DAY));
    expect(Math.min(...gaps)).to.be.within(1, 1.05);
    expect(Math.max(...gaps)).to.be.within(9.95, 10);
    const once = [...times.values()].filter(({ length }) => length === 1).length;
    expect(once / 5000).to.be.closeTo(0.6, 0.02);
  });

  it('has pools of 8 to 200 hosts over 4 to 40 networks, another host at each try', () => {
    const chance = new Chance(1);
    const pools = Array.from({ length: 2000 }, (_, n) => serverOf(chance, 'pool', n));
    const hosts = pools.map((pool) => pool.hosts);
    expect([Math.min(...hosts), Math.max(...hosts)]).to.deep.equal([8, 200]);
    const networks = pools.map((pool) => pool.networks.length);
    expect([Math.min(...networks), Math.max(...networks)]).to.deep.equal([4, 40]);
    for (const pool of pools.slice(0, 50)) {
      const all = Array.from({ length: pool.hosts }, (_, n) => hostOf(pool, n).address!.text);
      expect(new Set(all).size).to.equal(pool.hosts);
      expect(new Set(all.map((text) => text.replace(/\.\d+$/, '')))).to.deep.equal(new Set(pool.networks));
    }
    const mail = month.find(({ kind }) => kind === 'pool')!;
    const tried = Array.from({ length: 20 }, (_, n) => mail.clientOf(n).address!.text);
    expect(mail.clientOf(0).address!.text).to.equal(tried[0]);
    for (const [n, address] of tried.entries()) expect(address).not.to.equal(tried[n - 1]);
  });

  it('has one host for all others, and SPF and names only for the pools that show them', () => {
    for (const mail of month) {
      const { kind, spf } = mail;
      expect(spf.result === 'pass').to.equal(kind === 'pool' || kind === 'account');
      if (kind === 'hidden') expect(mail.clientOf(0)).to.include({ name: null, ptr: null });
      const moved = mail.clientOf(0).address!.text !== mail.clientOf(1).address!.text;
      expect(moved, kind).to.equal(['pool', 'hidden', 'account', 'roaming'].includes(kind));
    }
  });

  it('is the same for a seed in every run, and another for another seed', async () => {
    const told = async (seed: number): Promise<string> => {
      const { fates, ...counts } = await play(mailOf(seed, READING, few), '');
      const each = fates.map(({ mail, delayMs, tries: count }) => [mail.sender.local, delayMs, count]);
      return JSON.stringify([each, counts]);
    };
    const first = await told(1);
    expect(await told(1)).to.equal(first);
    expect(await told(2)).not.to.equal(first);
  });

  it('goes through the engine: what the rules of greylisting say becomes of the mail', async () => {
    const by = ({ fates }: Played, kind: Mail['kind']): (number | null)[] =>
      fates.filter(({ mail }) => mail.kind === kind).map(({ delayMs }) => delayMs);
    const ours = await play(month, 'auto_allow_after: 0, cap: 45m');
    expect(Math.max(...by(ours, 'pool').map(Number))).to.equal(MINUTE);
    expect(Math.max(...by(ours, 'hidden').map(Number))).to.be.at.most(66 * MINUTE);
    expect(new Set(by(ours, 'once'))).to.deep.equal(new Set([null]));
    expect(new Set(by(ours, 'patient'))).to.deep.equal(new Set([MINUTE]));
    // The cap is all that lets in who comes from everywhere.
    expect(new Set(by(ours, 'roaming'))).to.deep.equal(new Set([45 * MINUTE]));
    const without = await play(month, 'auto_allow_after: 0, cap: null');
    expect(new Set(by(without, 'roaming'))).to.deep.equal(new Set([null]));
    for (const origin of ['spf', 'ptr']) {
      const alone = await play(month, `origin: [${origin}], auto_allow_after: 0, cap: null`);
      expect(Math.max(...by(alone, 'pool').map(Number)), origin).to.equal(MINUTE);
    }
    const byHost = await play(month, 'origin: [network], ipv4_prefix: 32, auto_allow_after: 0, cap: null');
    expect(Math.max(...by(byHost, 'pool').map(Number))).to.be.above(6 * HOUR);
    expect(byHost.neverReturned).to.be.above(without.neverReturned);
  });

  it('lets in no botnet whose hosts have generic names, neither as one sender nor by the cap', async () => {
    const mails = mailOf(1, { ...READING, botsNamed: true }, few);
    const { fates } = await play(mails, 'auto_allow_after: 0, cap: 45m');
    const roaming = fates.filter(({ mail }) => mail.kind === 'roaming');
    expect(roaming.map(({ mail }) => mail.clientOf(0).name)[0]).to.match(/pool/);
    expect(new Set(roaming.map(({ delayMs }) => delayMs))).to.deep.equal(new Set([null]));
  });

  it('tells of delays what they were', () => {
    const delays = delaysOf([0, 0, MINUTE, Infinity, 0, 5 * MINUTE, 0, 0, 0, 0]);
    expect(delays).to.deep.include({ mails: 10, atOnce: 70, p50Ms: 0, p95Ms: Infinity, lost: 1 });
    expect(delays.curve).to.deep.equal([
      [0, 70],
      [MINUTE, 80],
      [5 * MINUTE, 90],
    ]);
    expect(delaysOf([MINUTE])).to.deep.include({ atOnce: 0, lost: 0, maxMs: MINUTE });
    expect([0, MINUTE, 66 * MINUTE, 26 * HOUR, Infinity].map(spoken)).to.deep.equal([
      '0',
      '1m',
      '1h 6m',
      '1d 2h',
      'never',
    ]);
  });

  it('prints what it found, says what was reached, and draws it', async () => {
    const said: string[] = [];
    const simulation = await simulate([1], [1], (text) => said.push(text), 100);
    expect(said).to.have.length(4);
    const page = simulationPage(simulation);
    expect(page).to.match(/^pool, SPF and names: Postern +\d+\.\d % +0 +1m +1m +1m +0$/m);
    expect(page).to.match(/^nothing but triplets .* \d+h( \d+m)? +9\d\.\d\d %$/m);
    expect(page).to.include('If bots have generic names (seeds 1):\nPostern');
    const { peers } = simulation;
    const reached = (points: number, ms: number): boolean[] => {
      const stopped = { ...peers.Postern.stopped, all: peers['as postgrey'].stopped.all + points };
      const pool = { ...peers.Postern.delays.pool, p95Ms: ms, maxMs: ms };
      const ours = { ...peers.Postern, stopped, delays: { ...peers.Postern.delays, pool } };
      const judged = simulationVerdicts({ ...simulation, peers: { ...peers, Postern: ours } });
      return judged.map((verdict) => verdict.reached);
    };
    expect(reached(-0.9, 6 * MINUTE)).to.deep.equal([true, true, true]);
    expect(reached(-1.1, 7 * MINUTE)).to.deep.equal([false, true, false]);
    expect(reached(1, 61 * MINUTE)).to.deep.equal([false, false, true]);
    const svg = plot(simulation);
    expect(svg.match(/<path d="M[\d. VHv]+" fill="none"/g)).to.have.length(6);
    expect(svg.match(/<(?!\/)(?:svg|title|text)\b/g)!.length).to.equal(
      svg.match(/<\/(?:svg|title|text)>/g)!.length,
    );
    expect(svg).not.to.match(/NaN|Infinity|undefined/);
    expect(plot(simulation)).to.equal(svg);
  });

  it('takes what is due in its order', () => {
    const queue = new Queue<{ atMs: number; name: string }>();
    const times = Array.from({ length: 300 }, (_, n) => (n * 7919) % 100);
    for (const [n, atMs] of times.entries()) queue.add({ atMs, name: `${String(atMs).padStart(3)} ${n}` });
    const taken = times.map(() => queue.take());
    expect(taken.map(({ atMs }) => atMs)).to.deep.equal(times.toSorted((a, b) => a - b));
    for (const [i, { atMs, name }] of taken.entries())
      if (taken[i - 1]?.atMs === atMs)
        expect(Number(name.slice(4))).to.be.above(Number(taken[i - 1]!.name.slice(4)));
    expect(queue.first).to.equal(undefined);
    expect(() => queue.take()).to.throw(RangeError);
  });
});
