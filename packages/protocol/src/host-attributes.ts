import { z } from 'zod'
import { rule } from './errors/rule.ts'

const mostLabels = 64
const mostGroups = 32

/** 1 to 63 characters: letters, digits, `-`, `_` and `.`, with a letter or digit at either end. */
const word = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?'
const domain = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?'

/** The name of a label, as Kubernetes has it: a word, and before it maybe a domain and a slash. */
const labelName = new RegExp(`^(?:${domain}/)?${word}$`)

const HostLabelValue = z.string().regex(new RegExp(`^(?:${word})?$`), rule('input.badLabelValue'))

/** Names and values by which people find hosts: `rack=b4`. */
export const HostLabels = z
  .record(z.string(), HostLabelValue)
  .superRefine((labels, { addIssue }) => {
    // As an issue of its own: that of a record's key does not say what is wrong with it.
    for (const name of Object.keys(labels).filter((each) => !labelName.test(each)))
      addIssue({
        code: 'custom',
        path: [name.slice(0, 80)],
        message: rule('input.badLabelName'),
      })
  })
  .refine((labels) => Object.keys(labels).length <= mostLabels, {
    error: 'input.tooMany',
    params: { most: mostLabels },
  })
export type HostLabels = z.infer<typeof HostLabels>

const HostGroup = z.string().regex(new RegExp(`^${word}$`), rule('input.badGroup'))

/** The groups that a host is in; it may be in several. */
export const HostGroups = z.array(HostGroup).max(mostGroups)

/** Why somebody cordons a host, in one line; empty counts as no reason. */
export const CordonReason = z
  .string()
  .trim()
  .max(300)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, rule('input.severalLines'))

/** Since when a host takes no new containers, who wants that, and why where they said so. What runs there goes on. */
export const HostCordon = z.object({ at: z.iso.datetime(), actor: z.string(), reason: z.string().nullable() })
export type HostCordon = z.infer<typeof HostCordon>

/** What people set of a host. */
export const HostAttributes = z.object({
  labels: HostLabels,
  groups: HostGroups,
  cordon: HostCordon.nullable(),
})
export type HostAttributes = z.infer<typeof HostAttributes>

/** Of a host of which nobody has set anything. */
export const noAttributes: HostAttributes = { labels: {}, groups: [], cordon: null }
