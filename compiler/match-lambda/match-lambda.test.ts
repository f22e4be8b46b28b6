import { beforeAll, describe, expect, it } from 'vitest';
import expectedPages from '../../lambdas/web-server/expected.json' with { type: 'json' };
import type { NicProfile } from '../../npu/profile.ts';
import { shippedProfile, shippedSources } from '../../test/shipped-files.ts';
import { buildFirmware } from '../build-firmware.ts';
import { Diagnostics, formatDiagnostic } from '../diagnostics.ts';
import { Bench, buildLambdas, imageOf, LAMBDA_IDS, type LambdaName, MEMCACHED } from '../lambda-bench.ts';
import { CLIENT, lambdaFrame, lambdaMessage, readLambda, text, turned, udpFrame, words } from '../lambda-frames.ts';
import { isMatchStage, type LambdaGroup, MATCH_PROGRAM_FILE, matchLambda } from './match-lambda.ts';

const DEFINES = { MEMCACHED_ADDRESS: '1', MEMCACHED_MAC_HI: '2', MEMCACHED_MAC_LO: '3' };
let profile: NicProfile;
let shipped: Map<string, string>;

beforeAll(() => {
  profile = shippedProfile();
  shipped = shippedSources();
});

function match(own: Readonly<Record<string, string>>, groups: readonly LambdaGroup[], matchStage?: string) {
  const diagnostics = new Diagnostics();
  const files = new Map([...shipped, ...Object.entries(own)]);
  const includePaths = ['lambdas/runtime'];
  const program = matchLambda({ files, groups, includePaths, defines: DEFINES, matchStage }, diagnostics);
  return { program, diagnostics, files };
}

/** The program on a NIC; ids are 11, 12, ... in the lambdas' order. */
function bench(own: Readonly<Record<string, string>>, groups: readonly LambdaGroup[], matchStage?: string): Bench {
  const { program, diagnostics, files } = match(own, groups, matchStage);
  expect(diagnostics.list.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { lambdas, p4, defines, include } = program!;
  const build = buildFirmware({
    files: program!.files,
    profile,
    p4,
    runtime: ['lambdas/runtime/main.c', 'lambdas/runtime/message.c'],
    lambdas: lambdas.map(({ name, microC }, index) => ({ name, microC, include, id: 11 + index })),
    includePaths: ['lambdas/runtime'],
    defines: {
      ...defines,
      MEMCACHED_ADDRESS: MEMCACHED.address,
      MEMCACHED_MAC_HI: Math.floor(MEMCACHED.mac / 2 ** 32),
      MEMCACHED_MAC_LO: MEMCACHED.mac % 2 ** 32,
    },
  });
  return new Bench(profile, imageOf(build, files));
}

function shippedGroups(names: readonly LambdaName[]): LambdaGroup[] {
  return names.map((name) => ({ microC: [`lambdas/${name}/${name}.c`] }));
}

const ECHO =
  'int pif_plugin_echo(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) { return PIF_PLUGIN_RETURN_FORWARD; }';

describe('the shipped lambdas without their match stage', () => {
  const names = Object.keys(LAMBDA_IDS) as LambdaName[];
  let made: Bench;
  let written: Bench;

  beforeAll(() => {
    made = bench({}, shippedGroups(names));
    written = new Bench(profile, imageOf(buildLambdas(names, profile, shipped), shipped));
  });

  const memcachedEnds = { ...CLIENT, source: MEMCACHED.address, sourceMac: MEMCACHED.mac, sourcePort: 11211 };
  const get = Uint8Array.from([0, 3, 0, 0, ...text('key')]);
  const cases: [string, readonly Uint8Array[]][] = [
    ['a page', [lambdaFrame(CLIENT, { wId: 11, requestId: 5 }, words(3))]],
    ['a bad request', [lambdaFrame(CLIENT, { wId: 11 }, words(3, 4))]],
    ['a key-value request', [lambdaFrame(CLIENT, { wId: 12 }, get)]],
    ['a refused key', [lambdaFrame(CLIENT, { wId: 12 }, Uint8Array.from([0, 3, 0, 0, ...text('k y')]))]],
    ['an answer of memcached to nobody', [udpFrame({ ...memcachedEnds, destinationPort: 49152 }, new Uint8Array(30))]],
    [
      'a picture in fragments',
      lambdaMessage(
        CLIENT,
        { wId: 13 },
        Uint8Array.from({ length: 4 + 4 * 30 * 20 }, (_, i) => (i < 4 ? [0, 30, 0, 20][i]! : i)),
      ),
    ],
    ['another lambda', [lambdaFrame(CLIENT, { wId: 99 }, words(1))]],
    ['UDP to another port', [udpFrame({ ...CLIENT, destinationPort: 53 }, text('who'))]],
    ['an answer', [lambdaFrame(CLIENT, { wId: 11, flags: 1 }, words(1))]],
  ];
  it.each(cases)('answer %s as with it', (_, frames) => {
    const expected = written.exchange(frames).map(({ port, frame }) => ({ port, frame }));
    expect(made.exchange(frames).map(({ port, frame }) => ({ port, frame }))).toEqual(expected);
    expect(made.faults).toEqual([]);
  });

  it('pass on what comes from the host', () => {
    const frame = lambdaFrame(CLIENT, { wId: 11 }, words(1));
    expect(made.exchange([frame], 0x300).map(({ port, frame: out }) => ({ port, out }))).toEqual([
      { port: 0, out: frame },
    ]);
  });
});

describe('the parser', () => {
  it('has the headers that lambdas name, and no others', () => {
    expect(match({}, shippedGroups(['web-server'])).program?.headers).toEqual([
      'ethernet',
      'ipv4',
      'udp',
      'lambda_hdr',
    ]);
    const both = match({}, shippedGroups(['web-server', 'key-value-client'])).program;
    expect(both?.headers).toEqual(['ethernet', 'ipv4', 'udp', 'lambda_hdr', 'memcached_hdr']);
    expect(both?.files.get(MATCH_PROGRAM_FILE)).toContain('11211 : parse_memcached_hdr;');
  });

  it('looks into a body for the lambda that names its header alone', () => {
    const own = {
      'next.c': `int pif_plugin_next(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
        PIF_PLUGIN_server_hdr_T *request = pif_plugin_hdr_get_server_hdr(headers);
        request->address = request->address + 1;
        return PIF_PLUGIN_RETURN_FORWARD;
      }`,
      'echo.c': ECHO,
    };
    const made = bench(own, [{ microC: ['next.c'] }, { microC: ['echo.c'] }]);
    const ask = (wId: number) => readLambda(made.exchange([lambdaFrame(CLIENT, { wId }, words(41, 7))])[0]!.frame);
    expect(ask(11)).toMatchObject({ body: words(42, 7), ends: turned(CLIENT), flags: 1 });
    expect(ask(12)).toMatchObject({ body: words(41, 7), ends: turned(CLIENT), flags: 1 });
  });

  it('says which header it does not know', () => {
    const own = { 'a.c': ECHO.replace('return', 'pif_plugin_hdr_get_gre(headers); return') };
    const { diagnostics, files } = match(own, [{ microC: ['a.c'] }]);
    expect(diagnostics.list.map((each) => formatDiagnostic(each, files))[0]).toMatch(
      /^a\.c:1:\d+: error: lambda echo uses a header gre, which no parser is known for \[match-unknown-header\]/,
    );
  });
});

/** The text of the paper's section 4.1, with what it lacks. */
const LISTING_3 = `control ingress {
   if (valid(lambda_hdr)) {
      if (lambda_hdr.wId == WEB_SERVER_ID) {
        apply(web_server);
        apply(return_web_server_results);
    } else if (lambda_hdr.wId == OTHER_LAMBDA_ID)
      {
        apply(other_lambda);
        apply(return_other_lambda_results);
    }
} else { apply(send_pkt_to_host); }
`;

describe("the paper's Listing 3", () => {
  const other = `int other_lambda(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
    pif_plugin_hdr_get_lambda_hdr(headers)->status = 77;
    return PIF_PLUGIN_RETURN_FORWARD;
  }`;
  const groups = [{ microC: ['lambdas/web-server/web-server.c'] }, { microC: ['other.c'] }];

  it.each([
    ['as written, without its last brace', LISTING_3],
    ['with it', `${LISTING_3}}\n`],
  ])('%s runs both lambdas', (_, listing) => {
    const own = { 'match.p4': listing, 'other.c': other };
    const made = bench(own, groups, 'match.p4');
    const page = readLambda(made.exchange([lambdaFrame(CLIENT, { wId: 11 }, words(2))])[0]!.frame);
    expect(new TextDecoder().decode(page.body)).toBe(expectedPages.pages[2]);
    const answer = readLambda(made.exchange([lambdaFrame(CLIENT, { wId: 12 }, words(2))])[0]!.frame);
    expect(answer).toMatchObject({ status: 77, body: words(2) });
    const stray = lambdaFrame(CLIENT, { wId: 13 }, words(2));
    expect(made.exchange([stray]).map(({ port, frame }) => ({ port, frame }))).toEqual([{ port: 0x300, frame: stray }]);
  });

  it('is told from a whole program', () => {
    const files = new Map([...shipped, ['match.p4', LISTING_3]]);
    const input = { files, includePaths: [], defines: {} };
    expect(isMatchStage(input, 'match.p4')).toBe(true);
    expect(isMatchStage(input, 'lambdas/runtime/match.p4')).toBe(false);
  });

  it('asks for lambdas that are there, and is asked for those that it forgets', () => {
    const own = { 'match.p4': `${LISTING_3.replace('WEB_SERVER_ID', 'WEB_SERVED_ID')}}\n`, 'other.c': other };
    const { diagnostics } = match(own, groups, 'match.p4');
    expect(diagnostics.list.map(({ code, position }) => `${code} ${position.file}:${position.line}`)).toEqual([
      'match-unknown-lambda match.p4:3',
      'match-never-asked lambdas/web-server/web-server.c:29',
    ]);
  });
});

describe('lambdas that cannot be matched', () => {
  it.each([
    ['twice the same', { 'a.c': ECHO, 'b.c': ECHO }, 'match-duplicate-lambda b.c:1'],
    ['none at all', { 'a.c': 'int helper(int a) { return a; }', 'b.c': ECHO }, 'match-no-lambda a.c:1'],
    ['a name of P4', { 'a.c': ECHO.replace('echo', 'drop'), 'b.c': ECHO }, 'match-reserved-name a.c:1'],
    ['a static one', { 'a.c': `static ${ECHO}`, 'b.c': ECHO }, 'match-no-lambda a.c:1'],
  ])('%s', (_, own, expected) => {
    const { diagnostics } = match(own, [{ microC: ['a.c'] }, { microC: ['b.c'] }]);
    expect(diagnostics.list.map(({ code, position }) => `${code} ${position.file}:${position.line}`)).toEqual([
      expected,
    ]);
  });
});
