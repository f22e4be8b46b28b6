import type { SourcePosition } from '../../../base/errors.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { generateAction } from './actions.ts';
import { generateCalculations } from './calculations.ts';
import { generateCalculatedField } from './checksum.ts';
import { generateControl } from './controls.ts';
import { generateDeparser } from './deparser.ts';
import { raise } from './exceptions.ts';
import { packetInfoDefinition } from './frame.ts';
import { PLUGIN_HEADER } from './header-file.ts';
import type { LoweringOptions } from './lowering-options.ts';
import { generateMetadataReset, operationMembers, packetOperations } from './packet-operations.ts';
import { parseGraph } from './parse-graph.ts';
import { generateParser, parserControls } from './parser.ts';
import type { ProgramRules } from './program-rules.ts';
import { generateStatefulObjects } from './stateful-objects.ts';
import { generateTableRows } from './table-contents.ts';
import { GeneratedText } from './text.ts';
import { generateWideArithmetic } from './wide-arithmetic.ts';

/** Path of the Micro-C that a P4 program becomes, for its own sake: positions in it are those of the P4 program. */
export const PIPELINE_FILE = '<p4 pipeline>';

/**
 * Phase 4 for P4: the Micro-C of parser, actions, controls and deparser, which then goes the way of all Micro-C. The
 * runtime calls `pif_receive()` (parse and run the ingress control) and `pif_deparse()`.
 */
export function lowerP4(
  model: P4Model,
  rules: ProgramRules,
  options: LoweringOptions,
  diagnostics: Diagnostics,
): GeneratedText | undefined {
  const graph = parseGraph(model, diagnostics);
  const egress = model.controls.get('egress');
  if (egress !== undefined && egress.body.length > 0 && !options.wholeProgram) {
    const hint = 'put it at the end of ingress, or compile the P4 program as a whole';
    diagnostics.error('p4-unsupported', egress.position, "the lambdas' runtime runs no control egress", hint);
    return undefined;
  }
  if (graph === undefined) return undefined;
  const start = model.states.get('start')?.position as SourcePosition;
  const out = new GeneratedText(start);
  out.line(`#include "${PLUGIN_HEADER}"`);
  out.line('__lmem struct pif_headers pif_headers;');
  out.line(packetInfoDefinition(options.plugins));
  out.line('static __lmem struct pif_match_data pif_match_data;');
  if (operationMembers(packetOperations(model)).length > 0) out.line('__lmem struct pif_operations pif_operations;');
  generateWideArithmetic(out);
  generateStatefulObjects(model, rules, options.ticksPerSecond, out);
  generateTableRows(model, rules, out.at(start));
  generateMetadataReset(model, out.at(start));
  for (const { name, position } of model.primitives.values()) {
    out.at(position).line(`int pif_plugin_${name}(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data);`);
  }
  // Before the actions: they may hash.
  generateCalculations(model, graph, out.at(start));
  for (const name of inCallOrder(model.actions.keys(), (each) =>
    model.actions.get(each)?.calls.map((call) => call.name),
  )) {
    const action = model.actions.get(name);
    if (action !== undefined) generateAction(model, action, out);
  }
  generateParser(model, graph, { ...options, valueSets: rules.valueSets }, out);
  for (const name of controlsInOrder(model)) {
    const control = model.controls.get(name);
    if (control === undefined) continue;
    generateControl(model, rules, name, control.body, out.at(control.position));
  }
  const updates = (): void => {
    for (const each of model.calculatedFields) generateCalculatedField(model, each, 'update', () => {}, out);
  };
  generateDeparser(model, graph, options, updates, out.at(start));
  generateReceive(model, out.at(start));
  return out;
}

/** `int pif_receive(void)`: parses, verifies, and runs the control that the parser goes on with. */
function generateReceive(model: P4Model, out: GeneratedText): void {
  const controls = parserControls(model);
  const several = controls.length > 1;
  out.line('int pif_parse_and_verify(void) {').line('int parsed = pif_parse();');
  out
    .line(`if (parsed ${several ? '< 0' : '!= 0'}) {`)
    .line('return -1;')
    .line('}');
  for (const each of model.calculatedFields) {
    const fault = (): void =>
      raise({ model }, 'p4_pe_checksum', 0, (control) => out.line(`return ${controls.indexOf(control)};`), out);
    generateCalculatedField(model, each, 'verify', fault, out);
  }
  out.line('return parsed;').line('}');
  out.line('int pif_run_control(int parsed) {');
  for (const [index, name] of controls.entries()) {
    if (index === 0) continue;
    out.line(`if (parsed == ${index}) {`).line(`return pif_control_${name}();`).line('}');
  }
  out.line('return pif_control_ingress();').line('}');
  out.line('int pif_receive(void) {').line('int parsed;').line('pif_reset_metadata(0);');
  out.line('parsed = pif_parse_and_verify();').line('return parsed < 0 ? -1 : pif_run_control(parsed);').line('}');
}

/** Callees before callers: C wants a function declared before its use. */
function inCallOrder(names: Iterable<string>, calls: (name: string) => readonly string[] | undefined): string[] {
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (ordered.includes(name)) return;
    for (const called of calls(name) ?? []) visit(called);
    ordered.push(name);
  };
  for (const name of names) visit(name);
  return ordered;
}

function controlsInOrder(model: P4Model): string[] {
  return inCallOrder(model.controls.keys(), (name) => {
    const called: string[] = [];
    const collect = (statements: NonNullable<ReturnType<P4Model['controls']['get']>>['body']): void => {
      for (const statement of statements) {
        if (statement.kind === 'call') called.push(statement.control);
        else if (statement.kind === 'if') {
          collect(statement.yes);
          collect(statement.no);
        } else for (const each of statement.cases) collect(each.body);
      }
    };
    collect(model.controls.get(name)?.body ?? []);
    return called;
  });
}
