/**
 * What one test of the contract suite says of itself, in `meta.contract` (packages/testkit/src/contract/suite.ts).
 * @typedef {{
 *   engine: string, transport: string, depth?: 'whole' | 'way', used: string[], refused: string[],
 *   notRun?: Record<string, string>, notShown?: Record<string, string>,
 * }} ContractMeta
 * @typedef {ContractMeta & { state: 'passed' | 'failed' | 'skipped' | 'pending' }} ContractEntry
 */

/** In this order; `joined` and `over SSH` are a real host behind a real control plane, the others a pair of ends in one process. */
const transports = [
  ...['straight', 'joined', 'over SSH'],
  ...['memory', 'unix', 'websocket', 'ssh', 'unix+tls', 'websocket+tls'],
]

/**
 * Method (or option) × engine × transport: `ok` worked, `no` is not claimed and was refused, `FAILED`, `-` was not run.
 * @param {readonly ContractEntry[]} entries
 * @returns {string} empty where no test of the contract ran
 */
export function contractTable(entries) {
  if (entries.length === 0) return ''
  const cells = cellsOf(entries)
  const engines = [...new Set(entries.map(({ engine }) => engine))]
  const names = [...new Set(entries.flatMap(({ used, refused }) => [...used, ...refused]))].sort()
  const ran = (/** @type {string} */ engine, /** @type {string} */ transport) =>
    entries.some((entry) => entry.engine === engine && entry.transport === transport)
  const columns = engines.flatMap((engine) =>
    transports.filter((transport) => ran(engine, transport)).map((transport) => ({ engine, transport })),
  )
  const wide = Math.max(...names.map((name) => name.length))
  const width = (/** @type {{ transport: string }} */ { transport }) => Math.max(transport.length, 6)
  const line = (/** @type {string} */ head, /** @type {string[]} */ texts) =>
    `${head.padEnd(wide)}  ${texts.map((text, at) => text.padEnd(width(columns[at] ?? { transport: '' }))).join('  ')}`.trimEnd()
  const heads = columns.map(({ engine }, at) => (columns[at - 1]?.engine === engine ? '' : engine))
  const rows = names.map((name) =>
    line(
      name,
      columns.map(({ engine, transport }) => cells.get(keyOf(name, engine, transport)) ?? '-'),
    ),
  )
  return [
    line('The contract: method × engine × transport', heads).trimEnd(),
    line(
      '',
      columns.map(({ transport }) => transport),
    ),
    ...rows,
    'ok: works; no: not claimed, and refused with a reason; -: not run.',
    ...reasons(entries),
    '',
  ].join('\n')
}

/** @param {string} name @param {string} engine @param {string} transport */
const keyOf = (name, engine, transport) => `${name}\0${engine}\0${transport}`

/**
 * @param {readonly ContractEntry[]} entries
 * @returns {Map<string, string>}
 */
function cellsOf(entries) {
  /** @type {Map<string, string>} */
  const cells = new Map()
  for (const { engine, transport, used, refused, state } of entries) {
    const put = (/** @type {string[]} */ names, /** @type {string} */ word) => {
      for (const name of names) {
        const key = keyOf(name, engine, transport)
        if (cells.get(key) !== 'FAILED') cells.set(key, state === 'passed' ? word : 'FAILED')
      }
    }
    if (state === 'skipped') continue
    put(used, 'ok')
    put(refused, 'no')
  }
  return cells
}

const wayAlone =
  'The way alone: every method with success and error, every stream left in its middle; options of a create are tried in the first column, and everywhere with FLOTILLA_LONG=1'

/** Why a cell is empty, each reason once. @param {readonly ContractEntry[]} entries */
function reasons(entries) {
  /** @type {Map<string, Set<string>>} */
  const reported = new Map()
  for (const { engine, transport, depth, notRun = {}, notShown = {} } of entries) {
    if (depth === 'way') add(reported, wayAlone, `${engine} ${transport}`)
    for (const [name, reason] of Object.entries(notRun)) add(reported, `${engine}: ${reason}`, name)
    for (const [name, reason] of Object.entries(notShown)) add(reported, `${engine}, ${name}: ${reason}`, transport)
  }
  return [...reported].map(([reason, where]) => `- ${reason} (${[...where].join(', ')})`)
}

/** @param {Map<string, Set<string>>} reported @param {string} reason @param {string} where */
function add(reported, reason, where) {
  reported.set(reason, (reported.get(reason) ?? new Set()).add(where))
}

/**
 * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
 * @returns {ContractEntry[]}
 */
export function contractEntries(modules) {
  const entries = []
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { contract } = /** @type {{ contract?: ContractMeta }} */ (test.meta())
      if (contract !== undefined) entries.push({ ...contract, state: test.result().state })
    }
  }
  return entries
}

/** Prints the table after a run that held tests of the contract. */
export default class ContractReporter {
  /** @param {ReadonlyArray<import('vitest/node').TestModule>} modules */
  onTestRunEnd(modules) {
    const table = contractTable(contractEntries(modules))
    if (table !== '') process.stdout.write(`\n${table}`)
  }
}
