// SPDX-License-Identifier: BSD-3-Clause
import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element, toXml } from '../../../src/orchestrator/drivers/libvirt/xml/element.js';
import { guestCommandLine } from '../../../src/orchestrator/drivers/guest-command-line.js';
import { domainName, parseMark } from '../../../src/orchestrator/drivers/libvirt/xml/ownership.js';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true, // for numeric references
});

/** Text that XML can hold, thick with what it gives a meaning to. */
const xmlText = fc
  .array(
    fc.oneof(
      fc.constantFrom('&', '<', '>', '"', "'", '\n', '\r', '\t', ' ', ']]>', '<!--', '&amp;'),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) =>
    parts.join('').replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ''),
  );

describe('toXml', () => {
  test('gives any text and any attribute back when parsed', () => {
    fc.assert(
      fc.property(xmlText, xmlText, (text, attribute) => {
        const xml = toXml(element('a', {}, [element('b', { c: attribute }, text)]));
        const parsed = parser.parse(xml) as { a: { b: string | { '#text'?: string; c: string } } };
        const { b } = parsed.a;
        if (typeof b === 'string') throw new Error('the attribute is lost');
        expect(b.c).toBe(attribute);
        expect(b['#text'] ?? '').toBe(text);
      }),
    );
  });

  test('refuses what XML cannot hold', () => {
    for (const text of ['\0', '\u0001', '\u001b', '\ufffe', '\ud800']) {
      expect(() => toXml(element('a', {}, text))).toThrow(
        expect.objectContaining({ code: 'DRIVER_UNSUPPORTED' }),
      );
    }
  });
});

/** Reads a command line by the rules that pools/lib/cmdline documents. */
function words(line: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (const character of line) {
    if (quote !== '' && character === quote) quote = '';
    else if (quote !== '') word = (word ?? '') + character;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (character === ' ') {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  return word === null ? found : [...found, word];
}

describe('guestCommandLine', () => {
  test('hands any arguments over', () => {
    // Within double quotes stands a single quote only, so that backslashes have no meaning anywhere.
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (args) => {
        expect(words(guestCommandLine(args))).toEqual(['--', ...args]);
      }),
    );
  });

  test('is empty without arguments', () => {
    expect(guestCommandLine([])).toBe('');
  });
});

describe('ownership', () => {
  test('a name shows the instance and cannot meet another daemon’s', () => {
    expect(domainName('web-1', '0a1b2c3d-0000-4000-8000-000000000000')).toBe('uc-web-1-0a1b2c3d');
  });

  test('reads the mark, and nothing else', () => {
    const mark = `<unicore:instance xmlns:unicore="urn:unicore:libvirt:1" owner="1" name="a&amp;b"/>`;
    expect(parseMark(mark)).toEqual({ owner: '1', name: 'a&b' });
    expect(parseMark('<instance owner="1"/>')).toBeNull();
  });
});
