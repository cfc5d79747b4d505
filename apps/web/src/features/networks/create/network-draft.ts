import { parseLabels } from '../../../format/labels.ts'

/** A network as it is written in the form, all of it text. */
export interface NetworkDraft {
  name: string
  subnet4: string
  gateway4: string
  range4: string
  subnet6: string
  gateway6: string
  range6: string
  internal: boolean
  dns: boolean
  mtu: string
  labels: string
}

export const newNetwork: NetworkDraft = {
  name: '',
  ...{ subnet4: '', gateway4: '', range4: '', subnet6: '', gateway6: '', range6: '' },
  ...{ internal: false, dns: true, mtu: '', labels: '' },
}

/** Bytes; undefined where nothing is written, null where it is none. */
export function readMtu(text: string): number | null | undefined {
  if (text === '') return undefined
  const mtu = Number(text)
  return Number.isInteger(mtu) && mtu >= 1280 && mtu <= 65535 ? mtu : null
}

/** What is asked of the host; null where the form itself knows that it is wrong. */
export function toInput(draft: NetworkDraft) {
  const [mtu, labels] = [readMtu(draft.mtu), parseLabels(draft.labels)]
  if (mtu === null || labels === null) return null
  const { name, internal, dns } = draft
  const subnets = [
    subnetOf(draft.subnet4, draft.gateway4, draft.range4),
    subnetOf(draft.subnet6, draft.gateway6, draft.range6),
  ].filter((each) => each !== null)
  return { name, subnets, internal, dns, labels, ...(mtu === undefined ? {} : { mtu }) }
}

function subnetOf(subnet: string, gateway: string, range: string) {
  if (subnet === '') return null
  return { subnet, ...(gateway === '' ? {} : { gateway }), ...(range === '' ? {} : { range }) }
}
