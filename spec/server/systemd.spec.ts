import { expect } from 'chai';
import { StartError } from '../../lib/server/fault.ts';
import { systemdSockets } from '../../lib/server/systemd.ts';

describe('Sockets from systemd', () => {
  it('begin at descriptor 3', () => {
    expect(systemdSockets({ env: { LISTEN_FDS: '2', LISTEN_PID: '77' }, pid: 77 })).to.deep.equal([3, 4]);
  });

  for (const [title, env] of [
    ['there are none', {}],
    ['they were meant for another process', { LISTEN_FDS: '1', LISTEN_PID: '78' }],
    ['their number is no number', { LISTEN_FDS: '1e9', LISTEN_PID: '77' }],
  ] as const) {
    it(`are an error that says what to do if ${title}`, () => {
      expect(() => systemdSockets({ env, pid: 77 })).to.throw(
        StartError,
        /start postern\.socket, or write an address/,
      );
    });
  }
});
