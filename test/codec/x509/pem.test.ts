import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, parsePem } from '../../../src/codec/x509/pem.ts';
import { pem } from '../../pki/issue.ts';

it('blocks are found between explanations, with any line ends, in order', () => {
  const text = `# roots\n${pem(Buffer.from('one'))}subject: x\n${pem(Buffer.from('two'), 'X509 CRL')}`;
  for (const variant of [text, text.replaceAll('\n', '\r\n')]) {
    const parsed = parsePem(variant);
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.blocks.map(({ label, bytes }) => [label, Buffer.from(bytes).toString()]),
      [
        ['CERTIFICATE', 'one'],
        ['X509 CRL', 'two'],
      ],
    );
    assert.equal(variant.slice(parsed.blocks[1]!.offset, parsed.blocks[1]!.offset + 10), '-----BEGIN');
  }
});

it('header lines of old encrypted keys are skipped', () => {
  const parsed = parsePem('-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n-----END X-----\n');
  assert.ok(parsed.ok);
  assert.equal(Buffer.from(parsed.blocks[0]!.bytes).toString(), 'ABC');
});

it('a block that is broken is named', () => {
  const problem = (text: string): string => {
    const parsed = parsePem(text);
    return parsed.ok ? `${parsed.blocks.length} blocks` : parsed.problem;
  };
  assert.equal(problem('-----BEGIN A-----\nQUJD\n'), 'unterminated');
  assert.equal(problem('-----BEGIN A-----\nQUJD\n-----END B-----\n'), 'label-mismatch');
  assert.equal(problem('-----BEGIN A-----\nQU*D\n-----END A-----\n'), 'base64-malformed');
  assert.equal(problem('-----BEGIN A-----\nQUJ\n-----END A-----\n'), 'base64-malformed');
  assert.equal(problem('-----BEGIN A-----\n-----END A-----\n'), 'empty');
  assert.equal(problem('nothing here'), '0 blocks');
});

it('base64 is decoded as Buffer encodes it, and nothing else is taken', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const encoded = Buffer.from(bytes).toString('base64');
      assert.deepEqual(decodeBase64(encoded.replaceAll(/.{7}/g, '$&\r\n ')), bytes);
    }),
  );
  for (const wrong of ['QQ=', 'QR==', 'QQ', '=', 'Q===', 'QQ==QQ==', 'QU-D', 'é___'])
    assert.equal(decodeBase64(wrong), undefined, wrong);
});

it('text never makes the reader throw', () => {
  const part = fc.oneof(
    fc.constant('-----BEGIN A-----\n'),
    fc.constant('-----END A-----\n'),
    fc.constant('QUJD\n'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => void parsePem(parts.join(''))),
    { numRuns: 1000 },
  );
});
