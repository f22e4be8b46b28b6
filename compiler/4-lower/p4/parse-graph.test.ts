import { expect, it } from 'vitest';
import { preprocess } from '../../1-preprocess/preprocess.ts';
import { parseP4 } from '../../2-parse/p4/parse.ts';
import { analyzeP4 } from '../../3-analyze/p4/analyze.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { lowerP4 } from './lower.ts';
import { NO_RULES } from './program-rules.ts';

it('writes a state once, however many cases of one select lead to it', () => {
  const source = `
    header_type h_t { fields { a : 16; } }
    header h_t h;
    header h_t k;
    parser start { extract(h); return select(h.a) { 1, 2, 3 : more; 4 : more; default : ingress; } }
    parser more { extract(k); return ingress; }
    control ingress { }`;
  const diagnostics = new Diagnostics();
  const files = new Map([['p', source]]);
  const tokens = preprocess({ files, main: 'p', includePaths: [], defines: {} }, diagnostics);
  const model = analyzeP4(parseP4(tokens, diagnostics), diagnostics);
  const lowered = lowerP4(model, NO_RULES, { ticksPerSecond: 1, wholeProgram: true, plugins: '' }, diagnostics);
  expect(diagnostics.list).toEqual([]);
  const text = lowered?.text ?? '';
  expect(text.match(/goto pif_state_/g)).toHaveLength(4);
  expect(text.match(/pif_state_\d+: /g)).toHaveLength(1);
});
