// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DriverHarness } from './harness.js';
import { DriverSession } from './session.js';

/** Arguments that a shell, an XML writer, a format string or a path join would mangle. */
export const HOSTILE_ARGUMENTS: readonly string[] = [
  'plain',
  'two words',
  ' leading and trailing ',
  '$(touch /tmp/unicore-contract) `id` ; | & > < * ? ~ !',
  "it's",
  '"double" and \\back\\slash\\',
  '<memory unit="KiB">1</memory> &amp; ]]> <!-- -->',
  '%s%n%d {name} ${HOME} $HOME',
  '../../etc/passwd',
  '--option=-x',
  'grüße, 宇宙',
  '',
];

/** Output, input, and arguments (which are seen on the console). */
export function describeConsole(harness: () => DriverHarness): void {
  describe('console and arguments', () => {
    let session: DriverSession;
    beforeEach(async () => {
      session = await DriverSession.open(harness());
    });
    afterEach(async () => {
      await session.end();
    });

    test('gives the output from the start, live until the end, or refuses to', async () => {
      const { hello } = harness().guests;
      const id = await session.start(hello);
      if (harness().capabilities.console === 'none') {
        await expect(session.output(id)).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
        return;
      }
      expect(await session.output(id)).toContain(hello.output);
    });

    test('gives the output after the end, from any offset', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { hello } = harness().guests;
      const id = await session.start(hello);
      await session.untilEnded(id);
      const all = await session.output(id);
      expect(all).toContain(hello.output);
      expect(await session.output(id, () => false, 3)).toBe(all.slice(3));
      expect(await session.output(id, () => false, 1_000_000_000)).toBe('');
    });

    test('gives the output of a guest that lives, to two readers', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { daemon } = harness().guests;
      const id = await session.start(daemon);
      const seen = (text: string) => text.includes(daemon.output);
      const [one, two] = await Promise.all([session.output(id, seen), session.output(id, seen)]);
      expect(one).toContain(daemon.output);
      expect(two).toContain(daemon.output);
    });

    test('gives what there is so far, if nothing more is wanted', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { daemon } = harness().guests;
      const id = await session.start(daemon);
      const all = await session.output(id, (text) => text.includes(daemon.output));
      expect(await session.output(id, () => false, 0, false)).toContain(all);
      expect(await session.output(id, () => false, 1_000_000_000, false)).toBe('');
    });

    test('ends a live reader when the domain is destroyed', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      const reading = session.output(id);
      await session.driver.destroy(id);
      await reading;
    });

    test('ends a live reader when its signal fires', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { daemon } = harness().guests;
      const id = await session.start(daemon);
      const abort = new AbortController();
      let text = '';
      for await (const chunk of session.driver.readConsole(id, 0, { signal: abort.signal })) {
        text += Buffer.from(chunk.data).toString('latin1');
        if (text.includes(daemon.output)) abort.abort();
      }
      expect(text).toContain(daemon.output);
    });

    test('takes input, or refuses to', async () => {
      const { echoInput, daemon } = harness().guests;
      const id = await session.start(echoInput ?? daemon);
      await session.untilEvent(id, 'ready');
      if (harness().capabilities.console !== 'both' || echoInput === null) {
        const written = session.driver.writeConsole(id, Buffer.from('x\n'));
        await expect(written).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
        return;
      }
      const line = `input ${id}`;
      const output = session.output(id, (text) => text.includes(`${line}\n`));
      await session.driver.writeConsole(id, Buffer.from(`${line}\n`));
      expect(await output).toContain(line);
    });

    test('hands hostile arguments over intact', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { image, render } = harness().guests.echoArguments;
      const id = await session.start({ image, args: HOSTILE_ARGUMENTS });
      const expected = Buffer.from(render(HOSTILE_ARGUMENTS)).toString('latin1');
      expect(await session.output(id)).toContain(expected);
    });

    test('keeps an end of line in an argument, or refuses it', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const { image, render } = harness().guests.echoArguments;
      const args = ['first\nsecond', '\ttabbed'];
      const spec = session.spec({ image, args });
      if (harness().endOfLineInArguments === 'refused') {
        const refused = { code: 'DRIVER_UNSUPPORTED' };
        await expect(session.driver.create(spec)).rejects.toMatchObject(refused);
        expect(await session.observe(spec.id)).toBeUndefined();
        return;
      }
      await session.driver.create(spec);
      expect(await session.output(spec.id)).toContain(render(args));
    });
  });
}
