/** Owns what other greylisters make of a sender's local part, as their sources and databases show. */

/** postgrey 1.37; spec/import/postgrey-real.spec.ts compares it with the real one. */
export function keptByPostgrey(local: string): string {
  let user = local;
  const [prefix, first, second, more] = user.replace(/=+$/, '').split('=');
  if (prefix === 'prvs' && second !== undefined && more === undefined) {
    const tag = /^[0-9a-z]{10}/;
    user = tag.test(second) && !tag.test(first!) ? first! : second;
  }
  return user
    .replace(/\+.*/, '')
    .replaceAll(/\b\d+\b/g, '#')
    .toLowerCase();
}

/** What is behind the last `=`; milter-greylist before 4.6 (`older`) keeps that in front. */
export function cutByMilterGreylist(local: string, older: boolean): string {
  const at = local.lastIndexOf('=');
  return at < 0 ? local : local.slice(older ? at : at + 1);
}
