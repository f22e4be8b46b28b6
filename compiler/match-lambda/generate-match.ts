import { lambdaIdDefine } from '../build-firmware.ts';
import type { FoundLambda } from './find-lambdas.ts';
import type { KnownHeader } from './header-catalogue.ts';

/** What the generated text is made for. */
export interface MatchPlan {
  readonly lambdas: readonly FoundLambda[];
  /** Headers that the program has, in the catalogue's order. */
  readonly headers: readonly KnownHeader[];
  /** A match stage that was given (paper Listing 3), as `#include` names it; absent: one is generated. */
  readonly given: string | undefined;
  /** Tables that the given match stage declares itself. */
  readonly declared: ReadonlySet<string>;
}

/** The P4-14 program around lambdas: headers, parser, tables, the match stage and what answers have in common. */
export function generateMatchProgram(plan: MatchPlan): string {
  const { headers, lambdas, given } = plan;
  const sections = [
    '/* Made from the lambdas: headers and parser for what they use, a match on their ids, and their answers. */',
    ...headers.map(headerType),
    METADATA,
    generateParser(plan),
    checksums(headers),
    ROUTES,
    ANSWERS,
    ...lambdas.map((lambda) => lambdaTables(lambda, plan.declared)),
    plan.declared.has('send_pkt_to_host') ? '' : table('send_pkt_to_host', 'to_host'),
    given === undefined ? matchStage(lambdas) : `#define ingress match_stage\n#include "${given}"\n#undef ingress`,
    generateIngress(plan),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** The match stage alone, as the paper's Listing 3 writes it. */
export function matchStage(lambdas: readonly FoundLambda[]): string {
  const lines = ['control match_stage {', '  if (valid(lambda_hdr)) {'];
  lambdas.forEach((lambda, index) => {
    const opening = index === 0 ? '    if' : '    } else if';
    lines.push(`${opening} (lambda_hdr.wId == ${lambdaIdDefine(lambda.name)}) {`);
    lines.push(...runLines(lambda.action, lambda).map((line) => `      ${line}`));
  });
  if (lambdas.length > 0) lines.push('    } else {', '      apply(send_pkt_to_host);', '    }');
  lines.push('  } else {', '    apply(send_pkt_to_host);', '  }', '}');
  return lines.join('\n');
}

/** A lambda that took the lambda header away has made a request of its own: there is nothing to answer yet. */
function runLines(action: string, lambda: FoundLambda): string[] {
  const gather = lambda.takesMessages ? [`apply(gather_${lambda.action});`] : [];
  const result = `apply(return_${lambda.action}_results);`;
  const answers = lambda.headers.has('memcached_hdr') ? [`if (valid(lambda_hdr)) { ${result} }`] : [result];
  return [...gather, `apply(${action});`, ...answers];
}

function headerType({ name, about, fields }: KnownHeader): string {
  const lines = fields.map(([field, bits]) => `    ${field} : ${bits};`);
  return [
    `/* ${about} */`,
    `header_type ${name}_t {`,
    '  fields {',
    ...lines,
    '  }',
    '}',
    `header ${name}_t ${name};`,
  ].join('\n');
}

const METADATA = `header_type exchange_t {
  fields {
    mac : 48;
    address : 32;
    port : 16;
  }
}
metadata exchange_t exchange;

header_type pipeline_t {
  fields {
    unchanged : 8;
    answerOctets : 16;
  }
}
metadata pipeline_t pipeline;`;

function generateParser({ headers, lambdas }: MatchPlan): string {
  const byPort = headers.filter(({ follows }) => follows.kind === 'udp-source-port');
  const inBody = headers.filter(({ follows }) => follows.kind === 'request-body');
  const ports = byPort.map(({ name, follows }) => {
    return `    ${follows.kind === 'udp-source-port' ? follows.port : 0} : parse_${name};`;
  });
  const bodies = inBody.flatMap(({ name }) =>
    lambdas
      .filter((lambda) => lambda.headers.has(name))
      .map((lambda) => `    ${lambdaIdDefine(lambda.name)} : parse_${name};`),
  );
  return `parser start {
  extract(ethernet);
  return select(latest.etherType) {
    0x0800 : parse_ipv4;
    default : ingress;
  }
}

/* Options and fragments of IP are the host's business. */
parser parse_ipv4 {
  extract(ipv4);
  return select(latest.version, latest.ihl, latest.flags, latest.fragOffset, latest.protocol) {
    4, 5, 0 mask 0x1, 0, 17 : parse_udp;
    default : ingress;
  }
}

parser parse_udp {
  extract(udp);
  return select(latest.dstPort) {
    4369 : parse_lambda_hdr;
    default : ${byPort.length === 0 ? 'ingress' : 'parse_udp_source'};
  }
}
${byPort.length === 0 ? '' : `\nparser parse_udp_source {\n  return select(udp.srcPort) {\n${ports.join('\n')}\n    default : ingress;\n  }\n}\n`}
parser parse_lambda_hdr {
  extract(lambda_hdr);
  ${bodies.length === 0 ? 'return ingress;' : `return select(latest.wId) {\n${bodies.join('\n')}\n    default : ingress;\n  }`}
}${[...byPort, ...inBody].map(({ name }) => `\n\nparser parse_${name} {\n  extract(${name});\n  return ingress;\n}`).join('')}`;
}

/** IPv4 over its header (RFC 791), UDP over pseudo header, headers and payload (RFC 768). */
function checksums(headers: readonly KnownHeader[]): string {
  const has = (name: string): boolean => headers.some((header) => header.name === name);
  const bodies = headers.filter(({ follows }) => follows.kind === 'request-body');
  const ipv4 = headers.find(({ name }) => name === 'ipv4')?.fields ?? [];
  const fields = ipv4.filter(([field]) => field !== 'hdrChecksum').map(([field]) => `  ipv4.${field};`);
  const lambdaVariants = [undefined, ...bodies.map(({ name }) => name)];
  const variants = [
    ...lambdaVariants.map((body) => ({
      name: body === undefined ? 'lambda' : `lambda_${body}`,
      entries: ['lambda_hdr', ...(body === undefined ? [] : [body])],
      condition:
        body === undefined
          ? ['valid(lambda_hdr)', ...bodies.map(({ name }) => `not valid(${name})`)].join(' and ')
          : `valid(lambda_hdr) and valid(${body})`,
    })),
    ...(has('memcached_hdr')
      ? [{ name: 'memcached', entries: ['memcached_hdr'], condition: 'valid(memcached_hdr)' }]
      : []),
  ];
  return [
    'header_type checksum_constants_t {\n  fields {\n    zero : 8;\n  }\n}\nmetadata checksum_constants_t checksum_constants;',
    `field_list ipv4_checksum_list {\n${fields.join('\n')}\n}`,
    calculation('ipv4_checksum', 'ipv4_checksum_list'),
    'calculated_field ipv4.hdrChecksum {\n  update ipv4_checksum;\n}',
    `field_list udp_pseudo_list {
  ipv4.srcAddr;
  ipv4.dstAddr;
  checksum_constants.zero;
  ipv4.protocol;
  udp.length_;
  udp.srcPort;
  udp.dstPort;
  udp.length_;
}`,
    ...variants.flatMap(({ name, entries }) => [
      `field_list udp_${name}_list {\n  udp_pseudo_list;\n${entries.map((entry) => `  ${entry};\n`).join('')}  payload;\n}`,
      calculation(`udp_${name}_checksum`, `udp_${name}_list`),
    ]),
    `calculated_field udp.checksum {\n${variants.map(({ name, condition }) => `  update udp_${name}_checksum if (${condition});\n`).join('')}}`,
  ].join('\n\n');
}

function calculation(name: string, list: string): string {
  return `field_list_calculation ${name} {\n  input {\n    ${list};\n  }\n  algorithm : csum16;\n  output_width : 16;\n}`;
}

const ROUTES = `action to_host() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, 0x300);
}

action to_wire() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, 0x0);
}

action discard() {
  drop();
}

${table('send_pkt_to_wire', 'to_wire')}

${table('unmatched_to_host', 'to_host')}

${table('discard_stray_answer', 'discard')}`;

/** 20 octets lambda header, 8 UDP, 20 IPv4; an answer is as long as the request unless its lambda says otherwise. */
const ANSWERS = `action begin_lambda() {
  modify_field(pipeline.unchanged, 0);
  modify_field(standard_metadata.egress_spec, 0xffff);
  subtract(pipeline.answerOctets, udp.length_, 28);
}

action finish_reply() {
  bit_or(lambda_hdr.flags, lambda_hdr.flags, 0x0001);
  add(udp.length_, pipeline.answerOctets, 28);
  add(ipv4.totalLen, pipeline.answerOctets, 48);
}

action reply() {
  modify_field(exchange.mac, ethernet.dstAddr);
  modify_field(ethernet.dstAddr, ethernet.srcAddr);
  modify_field(ethernet.srcAddr, exchange.mac);
  modify_field(exchange.address, ipv4.dstAddr);
  modify_field(ipv4.dstAddr, ipv4.srcAddr);
  modify_field(ipv4.srcAddr, exchange.address);
  modify_field(exchange.port, udp.dstPort);
  modify_field(udp.dstPort, udp.srcPort);
  modify_field(udp.srcPort, exchange.port);
  modify_field(ipv4.ttl, 64);
  modify_field(standard_metadata.egress_spec, standard_metadata.ingress_port);
  finish_reply();
}`;

function lambdaTables(lambda: FoundLambda, declared: ReadonlySet<string>): string {
  const { action, answerFunction, takesMessages, addressesAnswers } = lambda;
  const parts = [`primitive_action ${action}();`, `action run_${action}() {\n  begin_lambda();\n  ${action}();\n}`];
  const add = (name: string, body: string): void => {
    parts.push(body);
    if (!declared.has(name)) parts.push(table(name, body.match(/action (\w+)/)![1]!));
  };
  parts.push(declared.has(action) ? '' : table(action, `run_${action}`));
  if (takesMessages) {
    add(`gather_${action}`, `action run_gather_${action}() {\n  receive_message();\n}`);
  }
  const reply = [addressesAnswers ? 'finish_reply();' : 'reply();', ...(takesMessages ? ['send_message();'] : [])];
  add(`return_${action}_results`, `action answer_${action}() {\n${reply.map((call) => `  ${call}`).join('\n')}\n}`);
  if (answerFunction !== undefined) {
    parts.push(`primitive_action ${action}_answer();`);
    add(`${action}_answer`, `action run_${action}_answer() {\n  begin_lambda();\n  ${action}_answer();\n}`);
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

function table(name: string, action: string): string {
  return `table ${name} {\n  actions {\n    ${action};\n  }\n  default_action : ${action}();\n}`;
}

/** Around the match stage: what comes from the host goes out, what nothing matches goes to the host. */
function generateIngress({ lambdas, headers }: MatchPlan): string {
  const withAnswers = lambdas.filter(({ answerFunction }) => answerFunction !== undefined);
  const hasMemcached = headers.some(({ name }) => name === 'memcached_hdr') && withAnswers.length > 0;
  const message = lambdas.some(({ takesMessages }) => takesMessages)
    ? 'primitive_action receive_message();\nprimitive_action send_message();\n\n'
    : '';
  const unclaimed = hasMemcached ? `${table('unclaimed_answer_to_host', 'to_host')}\n\n` : '';
  return `${message}${unclaimed}control ingress {
  if (standard_metadata.ingress_port == 0x300) {
    apply(send_pkt_to_wire);
  } else {
    apply(unmatched_to_host);
    if (valid(lambda_hdr) and (lambda_hdr.flags & 0x0001) != 0) {
      apply(discard_stray_answer);
    } else${hasMemcached ? ` if (valid(memcached_hdr)) {\n      ${claimAnswer(withAnswers)}\n    } else` : ''} {
      match_stage();
    }
  }
}`;
}

/** memcached's answer is offered to one lambda after the other until one makes an answer of its own of it. */
function claimAnswer([lambda, ...others]: readonly FoundLambda[]): string {
  if (lambda === undefined) return 'apply(unclaimed_answer_to_host);';
  const { action } = lambda;
  return `apply(${action}_answer); if (valid(lambda_hdr)) { apply(return_${action}_results); } else { ${claimAnswer(others)} }`;
}
