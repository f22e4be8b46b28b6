import type { CalculatedField, CalculatedUse } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { calculationCall } from './calculation-names.ts';
import { cCondition } from './expressions.ts';
import { readReference, validTest, writeReference } from './fields.ts';
import type { GeneratedText } from './text.ts';

/**
 * The statements of calculated fields: updates before sending, verification after parsing. The first use of a field whose
 * condition holds counts (language specification 3.1).
 * @param fault writes what happens when a field is not what it has to be
 */
export function generateCalculatedField(
  model: P4Model,
  { field, uses }: CalculatedField,
  what: CalculatedUse['what'],
  fault: () => void,
  out: GeneratedText,
): void {
  const wanted = uses.filter((use) => use.what === what);
  const instance = model.instances.get(field.instance);
  const present = instance === undefined || instance.metadata ? '1' : validTest(instance);
  for (const [index, use] of wanted.entries()) {
    const condition = use.condition === undefined ? '1' : cCondition({ model }, use.condition);
    out.at(use.position).line(`${index === 0 ? '' : 'else '}if (${present} && ${condition}) {`);
    const calculation = model.calculations.get(use.calculation);
    const computed = calculationCall(use.calculation);
    if (what === 'verify') {
      const current = readReference({ model }, field);
      out.line(`if (${current.text} != ${computed}) {`);
      fault();
      out.line('}');
    } else {
      const bits = calculation?.outputBits ?? 16;
      const type = bits > 32 ? 'unsigned long long' : 'unsigned int';
      out.line(`${type} computed = ${computed};`);
      // RFC 768: a computed UDP checksum of zero is sent as all ones; zero says that there is none.
      const isUdp = instance?.fields.some((each) => each.name === 'dstPort') === true && instance.octets === 8;
      if (isUdp && calculation?.algorithm === 'csum16') {
        out.line('if (computed == 0) {').line('computed = 0xffff;').line('}');
      }
      for (const line of writeReference({ model }, field, { text: 'computed', bits })) out.line(line);
    }
    out.line('}');
  }
}
