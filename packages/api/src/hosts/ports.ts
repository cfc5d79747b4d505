import { scopeFor } from '@flotilla/auth'
import { type Container, type FleetHostPorts, type Reach, agentMethods, containerNoun } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { readOptions } from '../fleet/call-options.ts'
import { type HiddenMarks, hiddenMarks, withoutDigits, withoutWords } from '../nouns/hidden-marks.ts'
import { hostFactsOf, readerOf } from '../nouns/sight.ts'

const { permission, deadlineMs } = agentMethods.agent.ports

/**
 * The host asked now which ports are open. What runs in a container that the caller does not see is left out, and quoted rules name
 * nothing of the host that they do not see. UNAVAILABLE.
 */
export async function hostPorts(ctx: ActorContext, ref: string): Promise<FleetHostPorts> {
  const { index, gateway, policy } = ctx.app
  const host = index.resolveHost(readerOf(ctx), ref)
  requireAccess(policy, ctx.actor, permission, hostFactsOf(host))
  const options = readOptions(scopeFor(ctx.actor, [permission]), deadlineMs)
  const { at, published, held } = await gateway.for(host.id).agent.agent.ports({}, options)
  const { sees } = readerOf(ctx)
  const { kind } = containerNoun
  const marks = hiddenMarks({ holder: host, sees }, index.nouns)
  const seen = (engine: string, nativeId: string) => {
    const { holder, row } = host.locate(kind, engine, nativeId) ?? {}
    return holder !== undefined && row !== undefined && sees(holder, kind, row) ? row : undefined
  }
  return {
    ...{ hostId: host.id, hostName: host.name, at },
    published: published.flatMap(({ engine, containerId, ...port }) => {
      const row = seen(engine, containerId)
      return row === undefined ? [] : [{ ...port, reach: seenReach(port.reach, marks), containerId: row.id }]
    }),
    held: held.flatMap(({ container, ...rest }): FleetHostPorts['held'] => {
      const port = { ...rest, reach: seenReach(rest.reach, marks) }
      if (container === null) return [{ ...port, container: null }]
      const row = seen(container.engine, container.id)
      return row === undefined ? [] : [{ ...port, container: { id: row.id, name: (row.value as Container).name } }]
    }),
  }
}

/** Interfaces are called after the ids of networks, and rules have comments with names and ids. */
function seenReach(reach: readonly Reach[], marks: HiddenMarks | undefined): Reach[] {
  if (marks === undefined) return [...reach]
  const clean = (text: string) => withoutDigits(text, marks)
  return reach.map(({ rule, from, notFrom, ...rest }) => ({
    ...rest,
    from: from.map(clean),
    notFrom: notFrom.map(clean),
    rule: rule && { ...rule, text: seenRule(rule.text, marks), chain: seenName(rule.chain, marks) },
  }))
}

/** What a word that is no text comes behind: a comment or a prefix of the log without quotes. */
const beforeText = new Set(['--comment', 'comment', '--log-prefix', '--nflog-prefix', 'prefix'])
/** What a chain's or a link's name comes behind. */
const beforeName = new Set('-j -g -A -i -o jump goto iif oif iifname oifname --physdev-in --physdev-out'.split(' '))
/** Chains and targets that are everybody's. */
const ofRules = new Set(
  (
    'input output forward prerouting postrouting ingress egress accept drop reject return continue queue nfqueue log nflog ' +
    'dnat snat masquerade redirect mark connmark ct notrack trace tcpmss'
  ).split(' '),
)

/** The words of a rule itself stay, whatever hidden objects are called; what people wrote in it is a text like any other. */
function seenRule(text: string, marks: HiddenMarks): string {
  let before = ''
  const clean = text.replace(/"[^"]*"|[^\s"]+/g, (word) => {
    const introduced = before
    if (word !== '!') before = word
    if (word.startsWith('"') || beforeText.has(introduced)) return withoutWords(word, marks)
    return beforeName.has(introduced) ? seenName(word, marks) : word
  })
  return withoutDigits(clean, marks).slice(0, mostRuleText)
}

const seenName = (name: string, marks: HiddenMarks): string =>
  ofRules.has(name.toLowerCase()) ? name : withoutWords(name, marks)

/** As much as a rule's text may hold. */
const mostRuleText = 1000
