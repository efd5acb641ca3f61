/** Owns sendmail.mc of the private Sendmail, and how it delivers. */

import { join } from 'node:path';
import { OVER_TCP } from './mail-server.ts';
import { SERVER } from './private-network.ts';
import type { TlsKey } from './tls-key.ts';

/** Where Postern listens. */
export interface SendmailFilters {
  readonly unixSocket: string;
  readonly tcpPort: number;
}

/** Writes one file per recipient; `$1` is the folder, `$2` the user. Under another name first: a reader sees it whole. */
export const DELIVER_SCRIPT = `set -eu
{ echo "Delivered-To: $2@example.org"; cat; } >"$1.$$"
mv "$1.$$" "$1/$$"
`;

/** The network has no DNS: with it, Sendmail would keep mail in the queue until its lookups answer. */
export const SERVICE_SWITCH = 'hosts files\n';

/** Mail for example.org goes through the deliver script; nothing leaves the network. */
export function sendmailMc(folder: string, tls: TlsKey, filters: SendmailFilters): string {
  return `OSTYPE(\`linux')dnl
FEATURE(\`no_default_msa')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`nocanonify')dnl
undefine(\`ALIAS_FILE')dnl
undefine(\`HELP_FILE')dnl
undefine(\`STATUS_FILE')dnl
LOCAL_DOMAIN(\`example.org')dnl
define(\`confDOMAIN_NAME', \`mx.example.org')dnl
define(\`confPID_FILE', \`${join(folder, 'pid')}')dnl
define(\`QUEUE_DIR', \`${join(folder, 'queue')}')dnl
define(\`confSERVICE_SWITCH_FILE', \`${join(folder, 'service.switch')}')dnl
define(\`confTO_IDENT', \`0')dnl
define(\`confLOG_LEVEL', \`14')dnl
define(\`confMILTER_LOG_LEVEL', \`9')dnl
define(\`confCACERT', \`${tls.certificateFile}')dnl
define(\`confCACERT_PATH', \`${folder}')dnl
define(\`confSERVER_CERT', \`${tls.certificateFile}')dnl
define(\`confSERVER_KEY', \`${tls.keyFile}')dnl
define(\`LOCAL_MAILER_PATH', \`/bin/sh')dnl
define(\`LOCAL_MAILER_ARGS', \`sh ${join(folder, 'deliver')} ${join(folder, 'mail')} $u')dnl
MODIFY_MAILER_FLAGS(\`LOCAL', \`-wf')dnl
DAEMON_OPTIONS(\`Name=MTA4, Family=inet, Addr=${SERVER.ipv4}, Port=25')dnl
DAEMON_OPTIONS(\`Name=MTA6, Family=inet6, Addr=${SERVER.ipv6}, Port=25')dnl
DAEMON_OPTIONS(\`Name=TCP, Family=inet, Addr=${SERVER.ipv4}, Port=${OVER_TCP}, InputMailFilters=postern_tcp')dnl
INPUT_MAIL_FILTER(\`postern', \`S=local:${filters.unixSocket}, T=S:10s;R:10s;E:5m')dnl
MAIL_FILTER(\`postern_tcp', \`S=inet:${filters.tcpPort}@127.0.0.1, T=S:10s;R:10s;E:5m')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
`;
}
