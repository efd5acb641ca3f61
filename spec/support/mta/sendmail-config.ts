/** Owns sendmail.mc of the private Sendmail, and how it delivers. */

import { join } from 'node:path';
import { SERVER } from './private-network.ts';
import type { TlsKey } from './tls-key.ts';

/** Writes one file per recipient; `$1` is the folder, `$2` the user. Under another name first: a reader sees it whole. */
export const DELIVER_SCRIPT = `set -eu
{ echo "Delivered-To: $2@example.org"; cat; } >"$1.$$"
mv "$1.$$" "$1/$$"
`;

/** Mail for example.org goes through the deliver script; nothing leaves the network. */
export function sendmailMc(folder: string, tls: TlsKey, milter: string): string {
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
INPUT_MAIL_FILTER(\`postern', \`${milter}, T=S:10s;R:10s;E:5m')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
`;
}
