import type { Reach } from '@flotilla/protocol'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, test } from 'vitest'
import { messages } from '../../../../messages/en/index.ts'
import { ReachWord } from './reach-word.tsx'
import type { PortRow } from './port-rows.ts'

const parted = (family: Reach['family'], callers: Partial<Reach>): Reach => ({
  ...{ family, verdict: 'onlyFrom', from: [], notFrom: [], reason: 'rules', rule: null },
  ...callers,
})

/** What the button is called, and what stands in its panel. */
function shown(...reach: Reach[]) {
  const row = { reach, askedAt: null } as unknown as PortRow
  const html = renderToStaticMarkup(
    <IntlProvider locale="en" timeZone="UTC" messages={messages}>
      <ReachWord row={row} />
    </IntlProvider>,
  )
  const [, label = '', panel = ''] = /role="group" aria-label="([^"]*)"[^>]*>(.*)$/s.exec(html) ?? []
  return { label, panel }
}

test('families that keep out different callers are both shown', () => {
  const four = parted('ipv4', { notFrom: ['10.99.0.0/16'] })
  const six = parted('ipv6', { notFrom: ['fd99::/16'] })
  expect(shown(four, six).label).toBe('All but 10.99.0.0/16 IPv4, All but fd99::/16 IPv6')
  expect(shown(four, parted('ipv6', { from: ['10.99.0.0/16'] })).label).toContain('Only from 10.99.0.0/16 IPv6')
})

test('families with one verdict and the same callers are shown as one', () => {
  const eth = { notFrom: ['eth1'] }
  expect(shown(parted('ipv4', eth), parted('ipv6', eth)).label).toBe('All but eth1')
})

test('the panel lists every caller of each family', () => {
  const from = Array.from({ length: 32 }, (_, at) => `10.0.${at}.0/24`)
  const { panel } = shown(parted('ipv4', { from }), parted('ipv6', { notFrom: ['fd99::/16'] }))
  expect(panel).toContain(`Only from ${from.join(', ')}`)
  expect(panel).toContain('All but fd99::/16')
})
