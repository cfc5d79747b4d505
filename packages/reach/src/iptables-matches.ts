import {
  type Condition,
  addressIn,
  addressType,
  always,
  any,
  cannotTell,
  fact,
  interfaceIs,
  isProtocol,
  markIn,
  opensConnection,
  originalPortIn,
  originalTargetIn,
  portIn,
  stateIs,
} from './conditions.ts'
import { markAndMask, portRange } from './iptables-words.ts'
import { type Family, type Ranges, familyOf, parseAddresses, union } from './ranges.ts'

/** An option of a match: how many words come after it, and what they ask for. */
interface Match {
  words: number
  condition(words: readonly string[], family: Family): Condition
}

const one = (condition: (word: string, family: Family) => Condition): Match => ({
  words: 1,
  condition: ([word = ''], family) => condition(word, family),
})

function addresses(text: string, family: Family): Ranges | null {
  const ranges = text.split(',').map((each) => (familyOf(each) === family ? parseAddresses(each) : null))
  return ranges.every((each) => each !== null) ? union(ranges) : null
}

function ports(text: string): Ranges | null {
  const ranges = text.split(',').map(portRange)
  return ranges.every((each) => each !== null) ? union(ranges) : null
}

/** A condition on ranges, or one that nobody can tell where the text is none. */
const onRanges = (ranges: Ranges | null, condition: (ranges: Ranges) => Condition): Condition =>
  ranges === null ? cannotTell : condition(ranges)

const source = one((word, family) => onRanges(addresses(word, family), (ranges) => addressIn('source', ranges)))
const destination = one((word, family) =>
  onRanges(addresses(word, family), (ranges) => addressIn('destination', ranges)),
)
const sourcePorts = one((word) => onRanges(ports(word), (ranges) => portIn('source', ranges)))
const destinationPorts = one((word) => onRanges(ports(word), (ranges) => portIn('destination', ranges)))
const lower = (word: string) => word.toLowerCase().split(',')
const states = one((word) => stateIs(lower(word)))
const protocols: Record<string, string> = { '6': 'tcp', '17': 'udp' }
/** iptables marks all that begin so with a plus. */
const pattern = (word: string) => word.replace(/\+$/, '*')

/** What `iptables-save` prints of the matches that are understood. */
export const matches: ReadonlyMap<string, Match> = new Map([
  ['-s', source],
  ['-d', destination],
  ['-i', one((word) => interfaceIs('from', pattern(word)))],
  ['-o', one((word) => interfaceIs('to', pattern(word)))],
  ['-p', one((word) => (word === 'all' ? always(true) : isProtocol([protocols[word] ?? word])))],
  ['--sport', sourcePorts],
  ['--sports', sourcePorts],
  ['--dport', destinationPorts],
  ['--dports', destinationPorts],
  ['--ports', one((word) => onRanges(ports(word), (all) => any([portIn('source', all), portIn('destination', all)])))],
  ['--src-range', source],
  ['--dst-range', destination],
  ['--ctstate', states],
  ['--state', states],
  ['--ctorigdst', one((word, family) => onRanges(addresses(word, family), originalTargetIn))],
  ['--ctorigdstport', one((word) => onRanges(ports(word), originalPortIn))],
  ['--ctdir', one((word) => fact(({ isReply }) => (word === 'REPLY') === isReply))],
  ['--ctproto', one((word) => isProtocol([protocols[word] ?? word]))],
  ['--src-type', one((word) => addressType('source', lower(word)))],
  ['--dst-type', one((word) => addressType('destination', lower(word)))],
  [
    '--mark',
    one((word) => {
      const mark = markAndMask(word)
      return mark === null ? cannotTell : markIn([[mark.value, mark.value]], mark.mask)
    }),
  ],
  ['--syn', { words: 0, condition: () => opensConnection }],
  [
    '--tcp-flags',
    {
      words: 2,
      condition: ([mask = '', set = '']) =>
        set === 'SYN' && mask.includes('SYN') && mask.includes('ACK') ? opensConnection : cannotTell,
    },
  ],
  ['--pkt-type', one((word) => always(word === 'unicast'))],
  ['--comment', one(() => always(true))],
])
