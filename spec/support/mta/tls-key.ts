/** Owns the key and certificate with which a mail server of the specs offers STARTTLS. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface TlsKey {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** Made anew, in a folder that only root may enter: Sendmail silently offers no TLS with a key that others can reach. */
export function makeTlsKey(parent: string): TlsKey {
  const folder = join(parent, 'tls');
  mkdirSync(folder, { mode: 0o700 });
  const keyFile = join(folder, 'key.pem');
  const certificateFile = join(folder, 'cert.pem');
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=mx.example.org', '-keyout', keyFile, '-out', certificateFile],
    ],
    { stdio: 'pipe' },
  );
  chmodSync(keyFile, 0o600);
  return { keyFile, certificateFile };
}
