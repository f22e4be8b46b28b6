import type { P4Model } from '../../3-analyze/p4/model.ts';
import { DROP_PORT } from './actions.ts';
import { readField, storeMetadata, writeField } from './fields.ts';
import { generateFrameOutput } from './frame-output.ts';
import { PLUGIN_HEADER } from './header-file.ts';
import {
  type Clone,
  clonedFields,
  operationMembers,
  type PacketOperations,
  packetOperations,
} from './packet-operations.ts';
import { generateInitialisers, type PluginInitialisers } from './plugin-initialisers.ts';
import type { ProgramRules } from './program-rules.ts';
import { GeneratedText } from './text.ts';
import { KEEP_ALL, WaitingPackets } from './waiting-packets.ts';

/** Path of the Micro-C in which every context of a whole P4 program starts. */
export const PROGRAM_RUNTIME_FILE = '<generated>/pif_runtime.c';

/** `standard_metadata.instance_type`, numbered as bmv2's simple_switch does. */
const INSTANCE = { ingressClone: 1, egressClone: 2, recirculated: 4, replica: 5, resubmitted: 6 } as const;

/** Where a waiting packet goes on. */
const AT = { ingress: 0, egress: 1, parsedEgress: 2 } as const;

/**
 * The loop of every context of a whole P4 program: receive, parse, ingress, egress, deparse, send, in one run. Clones,
 * replicas, resubmitted and recirculated packets are handled by the same context behind the packet that they come from.
 */
export function programRuntime(
  model: P4Model,
  rules: ProgramRules,
  plugin: PluginInitialisers,
  maximumFrameOctets: number,
): string {
  return new RuntimeText(model, rules, plugin, maximumFrameOctets).write();
}

class RuntimeText {
  private readonly model: P4Model;
  private readonly plugin: PluginInitialisers;
  private readonly maximumFrameOctets: number;
  private readonly operations: PacketOperations;
  private readonly out = new GeneratedText({ file: PROGRAM_RUNTIME_FILE, line: 1, column: 1 });
  private readonly waiting: WaitingPackets;

  constructor(model: P4Model, rules: ProgramRules, plugin: PluginInitialisers, maximumFrameOctets: number) {
    this.maximumFrameOctets = maximumFrameOctets;
    this.model = model;
    this.plugin = plugin;
    this.operations = packetOperations(model);
    this.waiting = new WaitingPackets(model, rules, this.out);
  }

  write(): string {
    const { out } = this;
    out.line(`#include "${PLUGIN_HEADER}"`);
    out.line('int pif_parse_and_verify(void);').line('int pif_run_control(int control);');
    if (this.model.controls.has('egress')) out.line('int pif_control_egress(void);');
    this.beginning();
    this.waiting.write();
    generateFrameOutput(this.maximumFrameOctets, out);
    generateInitialisers(this.plugin, out);
    this.main();
    return out.text;
  }

  /** Nothing has been asked for in this part of the pass; what ingress wants cut off is cut off behind egress. */
  private clear(part: 'ingress' | 'egress'): void {
    for (const member of operationMembers(this.operations)) {
      if (member.endsWith('_session') || (part === 'egress' && member === 'truncate')) continue;
      this.out.line(`pif_operations.${member} = 0;`);
    }
  }

  /** What the standard metadata of a packet is before it is parsed. */
  private beginning(): void {
    const { out } = this;
    out.line('static inline void pif_begin(unsigned int ingress_port, unsigned int type) {');
    storeMetadata(this.model, 'standard_metadata', 'ingress_port', 'ingress_port', this.out);
    storeMetadata(this.model, 'standard_metadata', 'packet_length', 'pif_pkt_info_global.pkt_len', this.out);
    storeMetadata(this.model, 'standard_metadata', 'instance_type', 'type', this.out);
    for (const name of ['egress_spec', 'egress_port', 'egress_instance', 'parser_status', 'parser_error_location']) {
      storeMetadata(this.model, 'standard_metadata', name, '0', this.out);
    }
    out.line('}');
  }

  private main(): void {
    const { out, plugin } = this;
    out.line('void main(void) {');
    if (plugin.once) out.line('pif_initialise_once();');
    if (plugin.everyContext) out.line('pif_plugin_init();');
    out.line('for (;;) {').line('__xread unsigned int arrival[4];').line(`unsigned int stage = ${AT.ingress};`);
    if (this.waiting.isUsed)
      out.line('unsigned int keep = 0;').line('unsigned int made = 0;').line('unsigned int taken = 0;');
    out.line('packet_receive(arrival);');
    out.line('pif_pkt_info_global.pkt_len = arrival[0] >> 16;');
    out.line('pif_pkt_info_global.pkt_buf = (__ctm unsigned char *)arrival[1];');
    out.line('pif_pkt_info_global.pkt_num = arrival[3];');
    out.line('pif_reset_metadata(0);').line('pif_begin(arrival[0] & 0xffff, 0);');
    out.line('for (;;) {');
    this.pass();
    out.line('packet_done:;');
    if (this.waiting.isUsed) {
      out.line('if (taken == made) {').line('break;').line('}');
      out.line('stage = pif_take(taken);').line('taken++;').line('keep = stage >> 2;').line('stage &= 3;');
    } else {
      out.line('break;');
    }
    out.line('}').line('}').line('}');
  }

  /** One packet through ingress, egress, or both. */
  private pass(): void {
    const { out } = this;
    this.clear('ingress');
    out.line(`if (stage != ${AT.egress}) {`).line('int control;');
    this.parse();
    if (this.operations.clones.has('i2e')) out.line(`if (stage == ${AT.ingress}) {`);
    this.ingress();
    if (this.operations.clones.has('i2e')) out.line('}');
    out.line('}');
    this.egress();
    out.line('pif_send(pif_headers.standard_metadata.egress_port);');
  }

  /** Clones from ingress to egress are parsed anew, and have what they preserve behind that. */
  private parse(): void {
    const { out, model } = this;
    const kept = clonedFields(model);
    const all = new Map(
      [...kept.values()].flat().map(({ instance, field }) => [`${instance.name}.${field.name}`, { instance, field }]),
    );
    const names = [...all.keys()];
    for (const [index, { instance, field }] of [...all.values()].entries()) {
      const type = field.bits > 32 ? 'unsigned long long' : 'unsigned int';
      out.line(`${type} pif_kept_${index} = ${readField(instance.name, field).text};`);
    }
    out.line('control = pif_parse_and_verify();').line('if (control < 0) {').line('goto packet_done;').line('}');
    for (const [list, fields] of kept) {
      if (fields.length === 0) continue;
      out.line(`if (stage == ${AT.parsedEgress} && keep == ${list}) {`);
      for (const { instance, field } of fields) {
        const text = `pif_kept_${names.indexOf(`${instance.name}.${field.name}`)}`;
        for (const line of writeField(instance.name, field, { text, bits: field.bits })) out.line(line);
      }
      out.line('}');
    }
  }

  private ingress(): void {
    const { out, operations } = this;
    const standard = 'pif_headers.standard_metadata';
    out.line('if (pif_run_control(control) != 0) {').line('goto packet_done;').line('}');
    this.clone('i2i', AT.ingress, INSTANCE.ingressClone);
    this.clone('i2e', AT.parsedEgress, INSTANCE.ingressClone);
    if (operations.resubmit) this.again('resubmit', INSTANCE.resubmitted);
    if (this.waiting.hasMulticast) {
      out.line('if (pif_headers.intrinsic_metadata.mcast_grp != 0) {').line('unsigned int copy;');
      out
        .line(`for (copy = 0; copy < ${this.waiting.replicaRows().length}; copy++) {`)
        .line('__xread unsigned int row[3];');
      out.line('mem_read32(row, &pif_replicas[copy * 4], 12);');
      out.line('if (row[0] == pif_headers.intrinsic_metadata.mcast_grp) {');
      this.waiting.putOne(AT.egress, `0x${KEEP_ALL.toString(16)}u`, INSTANCE.replica, 'row[1]', 'row[2]');
      out.line('}').line('}');
      out.line('goto packet_done;').line('}');
    }
    out.line(`if (${standard}.egress_spec == ${DROP_PORT}) {`).line('goto packet_done;').line('}');
    storeMetadata(this.model, 'standard_metadata', 'egress_port', `${standard}.egress_spec`, this.out);
  }

  private egress(): void {
    const { out, model, operations } = this;
    const standard = 'pif_headers.standard_metadata';
    if (model.controls.has('egress')) {
      this.clear('egress');
      storeMetadata(this.model, 'standard_metadata', 'egress_spec', '0', this.out);
      out.line('if (pif_control_egress() != 0) {').line('goto packet_done;').line('}');
    }
    this.clone('e2e', AT.egress, INSTANCE.egressClone);
    const dropped = `${standard}.egress_spec == ${DROP_PORT}`;
    const toIngress = operations.clones.has('e2i') ? 'pif_operations.e2i == 0 && ' : '';
    if (model.controls.has('egress')) out.line(`if (${toIngress}${dropped}) {`).line('goto packet_done;').line('}');
    out.line('if (pif_emit() != 0) {').line('goto packet_done;').line('}');
    this.clone('e2i', AT.ingress, INSTANCE.egressClone);
    if (toIngress !== '') out.line(`if (${dropped}) {`).line('goto packet_done;').line('}');
    if (operations.truncate) {
      const length = 'pif_pkt_info_global.pkt_len';
      out.line(`if (pif_operations.truncate != 0 && pif_operations.truncate < ${length}) {`);
      out.line(`${length} = pif_operations.truncate;`).line('}');
    }
    if (operations.recirculate) this.again('recirculate', INSTANCE.recirculated);
  }

  /** The packet as it lies in its buffer begins anew. */
  private again(member: 'resubmit' | 'recirculate', type: number): void {
    const { out } = this;
    out.line(`if (pif_operations.${member} != 0) {`);
    out.line(`pif_reset_metadata(pif_operations.${member} - 1);`);
    out.line(`pif_begin(pif_headers.standard_metadata.ingress_port, ${type});`);
    out.line(`stage = ${AT.ingress};`).line('continue;').line('}');
  }

  /** A clone waits; one to egress needs a session that has a port. */
  private clone(clone: Clone, stage: number, type: number): void {
    const { out, operations } = this;
    if (!operations.clones.has(clone)) return;
    const keep = `pif_operations.${clone} - 1`;
    out.line(`if (pif_operations.${clone} != 0) {`);
    if (clone.endsWith('e')) {
      out.line(`unsigned int port = pif_mirror_port(pif_operations.${clone}_session);`);
      out.line(`if (port != ${DROP_PORT}) {`);
      this.waiting.putOne(stage, keep, type, 'port', '0');
      out.line('}');
    } else {
      this.waiting.putOne(stage, keep, type, '0', '0');
    }
    out.line('}');
  }
}
