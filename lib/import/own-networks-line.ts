/** Owns the line for mynetworks, taken out, of a postern.yaml that comes of a file which does not say what these are. */

import { comment, flowItem, verbatim } from './yaml-text.ts';

const FOR_EXAMPLE = ['127.0.0.0/8', '[::1]/128', '192.0.2.0/24'];

/** `networks`: what the file seems to mean by them; none: an example. */
export function ownNetworksLine(networks: readonly string[] = []): string[] {
  const value = (networks.length === 0 ? FOR_EXAMPLE : networks).map(flowItem).join(', ');
  return [
    ...comment(
      'Your own networks, who are never greylisted, and whom they write to may answer at once: as "postconf mynetworks" prints them. Without this line Postern takes all but this machine for strangers.',
    ),
    verbatim(`mynetworks: [${value}]`),
  ];
}
