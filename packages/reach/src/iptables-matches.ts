import {
  type Condition,
  addressIn,
  addressType,
  always,
  any,
  cannotTell,
  connectionFact,
  connectionMarkIn,
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
export interface Match {
  words: number
  condition(words: readonly string[], family: Family): Condition
}

/** The options of one match by their names. */
type Matches = ReadonlyMap<string, Match>

const named = (options: Record<string, Match>): Matches => new Map(Object.entries(options))

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
const directions: Record<string, boolean> = { ORIGINAL: false, REPLY: true }

const marks = (condition: (ranges: Ranges, mask: bigint) => Condition): Match =>
  one((word) => {
    const mark = markAndMask(word)
    return mark === null ? cannotTell : condition([[mark.value, mark.value]], mark.mask)
  })

/** What every rule may ask for. */
export const ownMatches: Matches = named({
  '-s': source,
  '-d': destination,
  '-i': one((word) => interfaceIs('from', pattern(word))),
  '-o': one((word) => interfaceIs('to', pattern(word))),
  '-p': one((word) => (word === 'all' ? always(true) : isProtocol([protocols[word] ?? word]))),
})

/** What `iptables-save` prints after `-m`, of all that is understood; of any other match nobody can tell. */
export const matchesByName: ReadonlyMap<string, Matches> = new Map(
  Object.entries({
    comment: named({ '--comment': one(() => always(true)) }),
    tcp: named({
      '--sport': sourcePorts,
      '--dport': destinationPorts,
      '--syn': { words: 0, condition: () => opensConnection },
      '--tcp-flags': {
        words: 2,
        condition: ([mask = '', set = '']) =>
          set === 'SYN' && mask.includes('SYN') && mask.includes('ACK') ? opensConnection : cannotTell,
      },
    }),
    udp: named({ '--sport': sourcePorts, '--dport': destinationPorts }),
    multiport: named({
      '--sports': sourcePorts,
      '--dports': destinationPorts,
      '--ports': one((word) =>
        onRanges(ports(word), (all) => any([portIn('source', all), portIn('destination', all)])),
      ),
    }),
    iprange: named({ '--src-range': source, '--dst-range': destination }),
    state: named({ '--state': states }),
    conntrack: named({
      '--ctstate': states,
      '--ctorigdst': one((word, family) => onRanges(addresses(word, family), originalTargetIn)),
      '--ctorigdstport': one((word) => onRanges(ports(word), originalPortIn)),
      '--ctdir': one((word) => connectionFact(({ isReply }) => (directions[word] ?? null) === isReply)),
    }),
    addrtype: named({
      '--src-type': one((word) => addressType('source', lower(word))),
      '--dst-type': one((word) => addressType('destination', lower(word))),
    }),
    mark: named({ '--mark': marks(markIn) }),
    connmark: named({ '--mark': marks(connectionMarkIn) }),
    pkttype: named({ '--pkt-type': one((word) => (word === 'unicast' ? always(true) : cannotTell)) }),
  }),
)
