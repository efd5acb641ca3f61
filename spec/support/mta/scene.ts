/** Owns Scene: one private network with Postern and a mail server in it, as a spec file uses them from first to last. */

import { expect } from 'chai';
import type { MailServer } from './mail-server.ts';
import { CLIENT, PrivateNetwork } from './private-network.ts';
import { PosternService } from './service.ts';
import type { SmtpDialogue } from './smtp.ts';

export class Scene<S extends MailServer = MailServer> {
  readonly network: PrivateNetwork;
  readonly service: PosternService;
  readonly server: S;
  readonly #sessions: SmtpDialogue[] = [];

  private constructor(network: PrivateNetwork, service: PosternService, server: S) {
    this.network = network;
    this.service = service;
    this.server = server;
  }

  static async set<S extends MailServer>(
    serverFor: (network: PrivateNetwork, service: PosternService) => Promise<S>,
    lines = '',
  ): Promise<Scene<S>> {
    const network = await PrivateNetwork.open();
    try {
      const service = new PosternService(network, lines);
      await service.start();
      return new Scene(network, service, await serverFor(network, service));
    } catch (error) {
      // Left open, its processes would keep mocha from ending.
      await network.close();
      throw error;
    }
  }

  /** A session of a client that has said EHLO. */
  async session(from: string = CLIENT.named, port?: number): Promise<SmtpDialogue> {
    const smtp = await this.server.connect(from, port);
    this.#sessions.push(smtp);
    await smtp.says('EHLO mx.example.net', '250');
    return smtp;
  }

  /** Has alice@example.net wait out the delay for a recipient, without sending him anything. */
  async makesKnown(recipient: string, from: string = CLIENT.named): Promise<void> {
    const smtp = await this.session(from);
    await smtp.retries(['MAIL FROM:<alice@example.net>', `RCPT TO:<${recipient}>`], '250');
    await smtp.says('RSET', '250');
    await smtp.quits();
  }

  /** Throws if the mail server has logged that it finds fault with the filter, or Postern that it has a fault. */
  expectNoComplaints(): void {
    for (const smtp of this.#sessions.splice(0)) smtp.hangsUp();
    expect(this.network.log.complaints()).to.deep.equal([]);
    expect(this.service.faults()).to.deep.equal([]);
  }

  async strike(): Promise<void> {
    await this.server.stop();
    await this.service.stop();
    await this.network.close();
    this.expectNoComplaints();
  }
}
