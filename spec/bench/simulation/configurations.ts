/** Owns the greylisters that are compared: configurations of one engine, as an administrator would write them. */

/** Lines of a `greylist:` section. */
export const PEERS = {
  Postern: '',
  // postgrey 1.37 as it comes: --delay 300, --retry-window 2, --max-age 35, --auto-whitelist-clients 5, /24.
  'as postgrey':
    'delay: 5m, lifetime: 35d, retry_window: 2d, origin: [network], auto_allow_after: 5, cap: null',
  // milter-greylist 4: GLDELAY, TIMEOUT, no subnetmatch; autowhite
  // of its greylist.conf (3d) made as long, which is to its favour: ours must not be shorter than the window.
  'as milter-greylist':
    'delay: 30m, lifetime: 5d, retry_window: 5d, origin: [network], ipv4_prefix: 32, auto_allow_after: 0, cap: null',
} as const;

export type PeerName = keyof typeof PEERS;

/** Postern with one thing taken away or changed at a time. */
export const ABLATIONS = {
  'as it is': '',
  'no SPF': 'origin: [ptr, network]',
  'no names': 'origin: [spf, network]',
  neither: 'origin: [network]',
  'auto_allow_after: 0': 'auto_allow_after: 0',
  'no cap': 'cap: null',
  'cap: 45m': 'cap: 45m',
  'cap: 2h': 'cap: 2h',
  'nothing but triplets': 'origin: [network], auto_allow_after: 0, cap: null',
  'delay: 5m': 'delay: 5m',
} as const;

export type AblationName = keyof typeof ABLATIONS;
