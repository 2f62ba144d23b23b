// SPDX-License-Identifier: BSD-3-Clause
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectXenstore, SshDom0 } from '../../src/orchestrator/drivers/dom0/index.js';
import { claimGuest } from '../../src/orchestrator/drivers/dom0/claim.js';
import type { Xenstore } from '../../src/orchestrator/drivers/dom0/xenstore/index.js';
import { XenBed } from './bed.js';

const FOLDER = '/local/domain/0/unicore-test';
/** More names than fit into one message. */
const MANY = 700;

/** Our own client against the tools that come with Xen. */
describe.each(['xenstored', 'oxenstored'] as const)('the client of xenstore, with %s', (store) => {
  let bed: XenBed;
  let dom0: SshDom0;
  let xenstore: Xenstore;
  beforeAll(async () => {
    bed = await XenBed.start('pvh', { store });
    dom0 = new SshDom0({ ...bed.sshTarget(), controlPath: `${bed.folder}/client` });
    xenstore = await connectXenstore(dom0);
  });
  afterAll(async () => {
    xenstore.close();
    await dom0.close();
    await bed.stop();
  });

  /** Each node below a path with what it holds, as `xenstore-ls -f` writes it. */
  async function tree(path: string): Promise<string[]> {
    const names = (await xenstore.directory(path)) ?? [];
    const nodes = await Promise.all(
      names.map(async (name) => {
        const at = `${path === '/' ? '' : path}/${name}`;
        const value = await xenstore.read(at);
        return value === null ? [] : [`${at} = "${value.toString('latin1')}"`, ...(await tree(at))];
      }),
    );
    return nodes.flat();
  }

  test('leaves no socket behind by which others could connect', async () => {
    await vi.waitFor(async () => {
      const files = (await readdir(bed.folder)).filter((file) => file.startsWith('client.'));
      expect(files).toEqual([]);
    });
    expect(await xenstore.read('/local')).not.toBeNull();
  });

  test('sees all that xenstore-ls sees', async () => {
    const listed = async () =>
      (await bed.succeed('xenstore-ls -f | grep -v /balloon')).trim().split('\n').sort();
    const seen = (await tree('/')).filter((line) => !line.includes('/balloon')).sort();
    expect(seen).toEqual(await listed());
    expect(seen.length).toBeGreaterThan(10);
  });

  test('reads and writes what xenstore-read and xenstore-write do', async () => {
    await xenstore.write(`${FOLDER}/ours/deep`, 'a "b"');
    expect(await bed.succeed(`xenstore-read ${FOLDER}/ours/deep`)).toBe('a "b"\n');
    await bed.succeed(`xenstore-write ${FOLDER}/theirs ''`);
    expect(String(await xenstore.read(`${FOLDER}/theirs`))).toBe('');
    expect(await xenstore.read(`${FOLDER}/none`)).toBeNull();
    expect(await xenstore.directory(`${FOLDER}/none`)).toBeNull();
    expect(await xenstore.directory(FOLDER)).toEqual(
      expect.arrayContaining(['ours', 'theirs']) as unknown,
    );
    const value = Buffer.from([0, 255, 10, 0]);
    await xenstore.write(`${FOLDER}/bytes`, value);
    expect(await xenstore.read(`${FOLDER}/bytes`)).toEqual(value);
  });

  test('lists a folder of more names than fit into one message', async () => {
    const names = Array.from({ length: MANY }, (_, number) => `number-${number}`);
    await Promise.all(names.map((name) => xenstore.write(`${FOLDER}/many/${name}`, name)));
    expect([...((await xenstore.directory(`${FOLDER}/many`)) ?? [])].sort()).toEqual(names.sort());
  });

  test('hears of what others change, and not after it has ended the watch', async () => {
    const heard: string[] = [];
    const end = await xenstore.watch(`${FOLDER}/watched`, (path) => heard.push(path));
    await bed.succeed(`xenstore-write ${FOLDER}/watched/by-others 1`);
    await vi.waitFor(() => expect(heard).toContain(`${FOLDER}/watched/by-others`));
    await end();
    const before = heard.length;
    await bed.succeed(`xenstore-write ${FOLDER}/watched/by-others 2`);
    expect(String(await xenstore.read(`${FOLDER}/watched/by-others`))).toBe('2');
    expect(heard).toHaveLength(before);
  });

  test('counts to what it is told, with others who count', async () => {
    const path = `${FOLDER}/counter`;
    await xenstore.write(path, '0');
    const count = () =>
      xenstore.transaction(async (view) => {
        const value = Number(String(await view.read(path)));
        await view.write(path, String(value + 1));
      });
    await Promise.all(Array.from({ length: 8 }, count));
    expect(await bed.succeed(`xenstore-read ${path}`)).toBe('8\n');
  });

  test('undoes a transaction that fails', async () => {
    const path = `${FOLDER}/undone`;
    const work = xenstore.transaction(async (view) => {
      await view.write(path, '1');
      expect(String(await view.read(path))).toBe('1');
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await xenstore.read(path)).toBeNull();
  });

  test('undoes what a connection has begun that dies', async () => {
    const path = `${FOLDER}/half`;
    const dies = await connectXenstore(dom0);
    const work = dies.transaction(async (view) => {
      await view.write(path, '1');
      dies.close();
    });
    await expect(work).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    expect(await xenstore.read(path)).toBeNull();
  });

  describe('a claim', () => {
    /** No domain has this number: nobody but the test looks there. */
    const domain = { domid: 32_000, id: 'f8efd042-f679-49b4-a5e3-2827beae1f33' };
    const folder = `/local/domain/${domain.domid}`;
    const parked = `${folder}/data/unicore-parked`;
    const claimed = `${folder}/data/unicore-claim`;
    const line = Buffer.from('-- one\0');
    const valuesOf = async (): Promise<(string | null)[]> =>
      Promise.all(
        [parked, claimed].map(async (path) => (await xenstore.read(path))?.toString() ?? null),
      );
    const notParked = { code: 'INVALID_PHASE' };
    beforeEach(async () => {
      await bed.succeed(
        `xenstore-write ${folder}/vm /vm/${domain.id} ${parked} 1 ${claimed} '' && xenstore-ls ${folder}`,
      );
    });
    afterEach(() => bed.succeed(`xenstore-rm ${folder}`));

    test('is taken once, whoever is first', async () => {
      const other = await connectXenstore(dom0);
      const claims = [xenstore, other, xenstore].map((each) => claimGuest(each, domain, line));
      const outcomes = await Promise.allSettled(claims);
      other.close();
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(2);
      for (const outcome of refused) expect(outcome).toMatchObject({ reason: notParked });
      expect(await valuesOf()).toEqual(['0', line.toString()]);
    });

    test('leaves a guest alone that awaits its line elsewhere', async () => {
      await bed.succeed(`xenstore-rm ${claimed}`);
      await expect(claimGuest(xenstore, domain, line)).rejects.toMatchObject(notParked);
      expect(await valuesOf()).toEqual(['1', null]);
    });

    test('leaves another domain alone that has the number by now', async () => {
      await bed.succeed(`xenstore-write ${folder}/vm /vm/00000000-0000-4000-8000-000000000000`);
      const gone = { code: 'DOMAIN_NOT_FOUND' };
      await expect(claimGuest(xenstore, domain, line)).rejects.toMatchObject(gone);
      expect(await valuesOf()).toEqual(['1', '']);
    });
  });

  test('says what to do where sshd passes no sockets on', async () => {
    const keys = '/root/.ssh/authorized_keys';
    await bed.succeed(`cp ${keys} ${keys}.before; sed -i 's/^/no-port-forwarding /' ${keys}`);
    const refused = new SshDom0({ ...bed.sshTarget(), controlPath: `${bed.folder}/refused` });
    try {
      await expect(connectXenstore(refused)).rejects.toMatchObject({
        code: 'HOST_UNAVAILABLE',
        message: expect.stringContaining('AllowStreamLocalForwarding') as string,
      });
    } finally {
      await refused.close();
      await bed.succeed(`mv ${keys}.before ${keys}`);
    }
  });

  test('says so where xenstored does not listen in dom0', async () => {
    const socket = '/run/xenstored/socket';
    await bed.succeed(`mv ${socket} ${socket}.away`);
    try {
      await expect(connectXenstore(dom0)).rejects.toMatchObject({
        code: 'HOST_UNAVAILABLE',
        message: expect.stringContaining(`does not answer at ${socket}`) as string,
      });
    } finally {
      await bed.succeed(`mv ${socket}.away ${socket}`);
    }
  });
});
